import { baseStyle } from '../../../lib/report/html/base-style.ts'

/** The look of the page: what colours say, rows and numbers say too. */
export const pageStyle = `${baseStyle}
dl { margin: 0; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; }
.verdict { font-weight: 600; font-size: 1.1rem; margin: 0.75rem 0; }
.scroll { overflow-x: auto; }
.results { min-width: max-content; }
.findings { margin: 0; padding-inline-start: 1.25rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
.plots .card { margin: 0; }
.plot { display: block; width: 100%; height: auto; }
.plot text { fill: var(--ink); font-size: 12px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.plot .axis { fill: var(--faint); font-size: 11px; }
.plot .grid { stroke: var(--line); }
.plot .majority { stroke: var(--accent); stroke-dasharray: 4 3; stroke-width: 1.5; }
.plot circle { fill: var(--bar); fill-opacity: 0.8; }
.plot .mean { stroke: var(--ink); stroke-width: 2.5; }
.results th, .results td { padding-block: 0.25rem; }
.results thead th { vertical-align: bottom; }
.results small { color: var(--faint); font-weight: 400; }
.results th small { display: block; }
td.own { font-weight: 700; }
`
