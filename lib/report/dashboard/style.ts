import { baseStyle } from '../html/base-style.ts'

/**
 * The look of the page. Runs differ in colour and in their dashes, changes in colour and in a sign, marks have numbers.
 */
export const style = `${baseStyle}
:root {
  --run-0: #0b5cad; --run-1: #b4530a; --run-2: #1b7f4b; --run-3: #8a2ba0; --run-4: #a3190f; --run-5: #5a626c; --run-none: #5a626c;
  --whole: #e4e7eb; --good: #116329; --bad: #a3190f;
  --gain-1: #e8f5ea; --gain-2: #cdebd3; --gain-3: #a5dab0; --loss-1: #fdeeec; --loss-2: #fad8d3; --loss-3: #f4b3aa;
  --mark: #fbf3dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --run-0: #7db8ff; --run-1: #ffb067; --run-2: #6fdc9c; --run-3: #e0a3f2; --run-4: #ff9d94; --run-5: #c3cad3; --run-none: #a3abb5;
    --whole: #343b45; --good: #7ddc94; --bad: #ff9d94;
    --gain-1: #1d2f24; --gain-2: #1f4630; --gain-3: #23603f; --loss-1: #362322; --loss-2: #4f2926; --loss-3: #70332d;
    --mark: #3a3015;
  }
}
body { max-width: 110rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
header .faint { margin: 0; }
#status { color: var(--faint); font-size: 0.9rem; margin: 0; }
#status.lost { color: var(--bad); font-weight: 600; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
.grid.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); }
.grid.runs { grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.grid.one-run { grid-template-columns: 1fr; }
.one-run dl { columns: 20rem; column-gap: 2.5rem; }
.grid > * { margin: 0; min-width: 0; }
.task { margin: 0 0 1.5rem; }
.task > h3 { margin: 1rem 0 0.5rem; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll th:first-child { position: sticky; left: 0; background: var(--card); }
.state { font-weight: 600; }
.state.running { color: var(--accent); }
.state.finished { color: var(--good); }
.state.interrupted { color: var(--bad); }
svg .whole { fill: var(--whole); }
svg .part { fill: var(--bar); }
.progress { display: block; width: 100%; height: 0.4rem; margin: 0.35rem 0 0.6rem; border-radius: 0.2rem; }
dl { margin: 0; font-size: 0.9rem; }
dl > div { display: flex; justify-content: space-between; gap: 1rem; border-top: 1px solid var(--line); padding: 0.12rem 0; }
dt { color: var(--faint); white-space: nowrap; }
dd { margin: 0; text-align: end; font-variant-numeric: tabular-nums; min-width: 0; }
.picker ul { list-style: none; margin: 0.5rem 0; padding: 0; display: grid; gap: 0.25rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
.picker label { display: flex; gap: 0.5rem; align-items: baseline; padding: 0.15rem 0; }
.picker label .faint { margin-inline-start: auto; white-space: nowrap; }
.picker input { width: 1.1rem; height: 1.1rem; flex: none; accent-color: var(--accent); }
button { font: inherit; padding: 0.35rem 1rem; border: 1px solid var(--accent); border-radius: 0.4rem; background: var(--accent); color: var(--card); cursor: pointer; }
.chart > :is(h3, h4) { font-size: 0.95rem; margin: 0; }
.chart { display: flex; flex-direction: column; }
.plot { position: relative; min-height: 13rem; border-radius: 0.3rem; touch-action: pan-y; }
.plot .u-axis, .plot .u-legend { color: var(--faint); }
.u-cursor-x { border-color: var(--faint) !important; }
.u-select { background: color-mix(in srgb, var(--accent) 18%, transparent) !important; }
.lines { list-style: none; margin: 0.35rem 0 0.25rem; padding: 0; font-size: 0.85rem; color: var(--faint); display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; }
.lines b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
.lines .at { width: 100%; }
.swatch { vertical-align: middle; overflow: visible; }
.swatch line { stroke: var(--own); stroke-width: 2.5; }
.swatch circle { fill: var(--own); stroke: var(--card); }
.swatch.level line { stroke-dasharray: 2 4; }
.run-0 { --own: var(--run-0); } .run-1 { --own: var(--run-1); } .run-2 { --own: var(--run-2); }
.run-3 { --own: var(--run-3); } .run-4 { --own: var(--run-4); } .run-5 { --own: var(--run-5); } .run-none { --own: var(--run-none); }
.run-1 line { stroke-dasharray: 9 3; } .run-2 line { stroke-dasharray: 4 3; } .run-3 line { stroke-dasharray: 12 3 3 3; }
.run-4 line { stroke-dasharray: 6 2 2 2 2 2; } .run-5 line { stroke-dasharray: 2 2; }
details { margin-top: auto; }
details[open] > summary { margin-bottom: 0.35rem; }
.chart summary { color: var(--faint); font-size: 0.85rem; width: fit-content; }
th.name { white-space: normal; overflow-wrap: normal; min-width: 7rem; }
th small { display: block; color: var(--faint); font-size: 0.8rem; }
thead th { vertical-align: bottom; }
.results { margin: 1rem 0 0.5rem; width: fit-content; max-width: 100%; }
.budgets th, .budgets td, .matrix th, .matrix td { padding: 0.3rem 0.6rem 0.3rem 0; }
.budgets td:not(:last-child) { text-align: start; min-width: 5.5rem; }
.budgets svg { display: block; width: 5.5rem; height: 0.8rem; }
.budgets td:last-child { font-weight: 600; }
.none { color: var(--faint); }
.matrix td { padding: 0.3rem 0.45rem; border: 2px solid var(--card); border-radius: 0.3rem; }
.matrix td span, .matrix td small { display: block; }
.matrix td small { font-size: 0.75rem; white-space: nowrap; }
.matrix .first span { outline: 1px solid var(--faint); outline-offset: 0.2rem; border-radius: 0.1rem; }
.matrix tfoot th { text-align: end; white-space: normal; }
.matrix thead th { white-space: normal; overflow-wrap: normal; }
.matrix thead th:not(:first-child) { padding-inline: 0.4rem; }
.gain-1 { background: var(--gain-1); } .gain-2 { background: var(--gain-2); } .gain-3 { background: var(--gain-3); }
.loss-1 { background: var(--loss-1); } .loss-2 { background: var(--loss-2); } .loss-3 { background: var(--loss-3); }
p .gain-2, p .loss-2 { color: var(--ink); padding: 0 0.3em; border-radius: 0.2rem; white-space: nowrap; }
.sample { border-inline-start: 0.25rem solid var(--line); padding-inline-start: 0.75rem; margin: 0.75rem 0; }
.sample i { color: var(--faint); font-size: 0.85em; }
mark { background: var(--mark); color: inherit; border-radius: 0.2rem; padding: 0 0.15em; }
mark i { color: inherit; }
.predictions th { vertical-align: top; font-weight: 600; }
.predictions thead th { font-weight: 400; }
.predictions td { text-align: start; vertical-align: top; white-space: normal; min-width: 8rem; }
.predictions small { color: var(--faint); }
.right { color: var(--good); } .wrong { color: var(--bad); }
@media (forced-colors: active) { .plot, mark { outline: 1px solid; } svg .part { fill: Highlight; } }
@media (max-width: 30rem) {
  .grid { gap: 0.75rem; }
  .budgets svg { width: 3.25rem; }
  .budgets td:not(:last-child) { min-width: 3.5rem; }
  th.name { min-width: 0; }
  .sample { padding-inline-start: 0.5rem; }
}
`
