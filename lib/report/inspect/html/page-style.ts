import { baseStyle } from '../../html/base-style.ts'

/**
 * The look of the page. What colours say, signs say too: the words of masked pieces have marks, bars have numbers,
 * segments have the number of their slot.
 */
export const pageStyle = `${baseStyle}
:root {
  --mask: #a3190f; --mask-back: #fbdedb; --other: #7a1fa2; --other-back: #f6eafb; --kept: #7a5200; --kept-back: #fbf3dc;
  --unit: #00626b; --label: #116329;
}
@media (prefers-color-scheme: dark) {
  :root {
    --mask: #ff9d94; --mask-back: #43201d; --other: #dba6f5; --other-back: #35203f; --kept: #f0cc72; --kept-back: #3a3015;
    --unit: #6fd3dd; --label: #7ddc94;
  }
}
.place { color: var(--faint); font-size: 0.9rem; }
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
.figures { columns: 26rem; column-gap: 1rem; }
.figures .card { break-inside: avoid; }
th.name { white-space: normal; }
td.remark { text-align: start; color: var(--faint); white-space: normal; }
td.space { width: 45%; padding-inline-end: 0; text-align: start; }
.bar { display: block; height: 0.8rem; min-width: 1px; background: var(--bar); border-radius: 0 0.2rem 0.2rem 0; }
.tokens { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 0.9rem; padding: 0; margin: 0.5rem 0 0; font-size: 0.9rem; }
@media (max-width: 30rem) { td.space { width: 28%; } .segment { padding-inline-start: 0.5rem; } }
`
