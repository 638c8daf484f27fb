/**
 * The look of the page. What colours say, signs say too: the words of masked pieces have marks, bars have numbers,
 * segments have the number of their slot.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #fbfbf9; --card: #ffffff; --ink: #1d2126; --faint: #5a626c; --line: #d9dce0; --accent: #0b5cad;
  --mask: #a3190f; --mask-back: #fbdedb; --other: #7a1fa2; --other-back: #f6eafb; --kept: #7a5200; --kept-back: #fbf3dc;
  --unit: #00626b; --label: #116329; --bar: #4a8fd6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1c2026; --ink: #e6e8eb; --faint: #a3abb5; --line: #363c45; --accent: #7db8ff;
    --mask: #ff9d94; --mask-back: #43201d; --other: #dba6f5; --other-back: #35203f; --kept: #f0cc72; --kept-back: #3a3015;
    --unit: #6fd3dd; --label: #7ddc94; --bar: #3f78b5;
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
.faint, .place { color: var(--faint); font-size: 0.9rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.85rem 1rem; margin: 0 0 1rem; }
.class { color: var(--label); font-weight: 600; }
.segment { border-inline-start: 0.25rem solid var(--line); padding-inline-start: 0.75rem; margin-top: 0.75rem; }
.text { line-height: calc(1.6 + 0.65 * var(--rows)); margin: 0; padding-top: calc(0.15rem * var(--rows)); overflow-x: auto; }
ruby { white-space: nowrap; }
rt { font-size: 0.68em; line-height: 1.5; color: var(--faint); }
.on > rt { color: var(--label); font-weight: 700; }
.drawn > rt { color: var(--ink); font-size: 0.8em; }
.mask, .other, .kept { border-radius: 0.25rem; padding: 0 0.15em; margin: 0 1px; white-space: nowrap; font-size: 0.9em; }
.mask { color: var(--mask); background: var(--mask-back); }
.other { color: var(--other); background: var(--other-back); border-bottom: 2px dashed; }
.kept { color: var(--kept); background: var(--kept-back); border-bottom: 2px dotted; }
.unit { border-bottom: 2px solid var(--unit); padding-bottom: 0.1em; }
.unit-end { white-space: nowrap; }
.unit small { color: var(--unit); font-size: 0.7em; margin-inline-start: 0.3em; }
dl { margin: 0; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; }
.legend dd > p { display: inline; margin-inline-end: 0.5rem; }
.legend ul { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.1rem 1.25rem; }
summary { cursor: pointer; }
.figures { columns: 26rem; column-gap: 1rem; }
.figures .card { break-inside: avoid; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th { font-weight: 400; text-align: start; padding: 0.1rem 0.75rem 0.1rem 0; white-space: nowrap; }
th.name { white-space: normal; }
td { text-align: end; padding: 0.1rem 0.75rem 0.1rem 0; white-space: nowrap; }
td.remark { text-align: start; color: var(--faint); white-space: normal; }
td.space { width: 45%; padding-inline-end: 0; text-align: start; }
.bar { display: block; height: 0.8rem; min-width: 1px; background: var(--bar); border-radius: 0 0.2rem 0.2rem 0; }
thead th { font-size: 0.8rem; color: var(--faint); }
thead th.number { text-align: end; }
.tokens { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 0.9rem; padding: 0; margin: 0.5rem 0 0; font-size: 0.9rem; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
@media (max-width: 30rem) { td.space { width: 28%; } .card { padding: 0.7rem 0.75rem; } .segment { padding-inline-start: 0.5rem; } }
@media print { .card { break-inside: avoid; } }
`
