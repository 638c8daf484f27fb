/** What the pages of everlearn have in common: colours for light and dark, type, cards, tables, visible focus. */
export const baseStyle = `
:root {
  color-scheme: light dark;
  --page: #fbfbf9; --card: #ffffff; --ink: #1d2126; --faint: #5a626c; --line: #d9dce0; --accent: #0b5cad;
  --bar: #4a8fd6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1c2026; --ink: #e6e8eb; --faint: #a3abb5; --line: #363c45; --accent: #7db8ff;
    --bar: #3f78b5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem clamp(0.75rem, 3vw, 2rem) 3rem; max-width: 72rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.5rem 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.75rem; }
h3 { font-size: 1.05rem; margin: 0 0 0.25rem; }
h4 { font-size: 0.95rem; margin: 0; }
p { margin: 0.25rem 0; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; padding: 0; margin: 0.5rem 0; }
.faint { color: var(--faint); font-size: 0.9rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.85rem 1rem; margin: 0 0 1rem; }
summary { cursor: pointer; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th { font-weight: 400; text-align: start; padding: 0.1rem 0.75rem 0.1rem 0; white-space: nowrap; }
td { text-align: end; padding: 0.1rem 0.75rem 0.1rem 0; white-space: nowrap; }
thead th { font-size: 0.8rem; color: var(--faint); }
thead th.number { text-align: end; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
@media (max-width: 30rem) { .card { padding: 0.7rem 0.75rem; } }
@media print { .card { break-inside: avoid; } }
`
