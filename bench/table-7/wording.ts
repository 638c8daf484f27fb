import type { Judged, MethodFigures, Table7 } from './compare-methods.ts'
import { type Way, wayNames } from './probing.ts'
import type { Spread } from './statistics.ts'

export const methodNames: Record<MethodFigures['method'], string> = {
  'continual-multi-task': 'continual multi-task',
  'multi-task': 'multi-task',
  continual: 'continual',
  none: 'not pre-trained',
}

export const percent = (share: number): string => (100 * share).toFixed(1).replace('-', '−')

/** As `71.2 ± 0.8`, in per cent. */
export const spread = ({ mean, deviation }: Spread): string => `${percent(mean)} ± ${percent(deviation)}`

const outcomes: Record<Judged['outcome'], string> = {
  holds: 'as the paper has it',
  reversed: 'the other way round than in the paper',
  undecided: 'not told apart',
}

/** What is found of two methods, in one sentence. */
export function comparisonSentence({ better, worse, difference, higher, lower, outcome }: Judged): string {
  const points = `${difference.mean < 0 ? '' : '+'}${percent(difference.mean)} ± ${percent(difference.deviation)} points`
  const chance = difference.mean < 0 ? lower : higher
  return (
    `${methodNames[better]} against ${methodNames[worse]}: ${points}, one-sided p = ${chance.toFixed(3)} ` +
    `(paired sign-flip test): ${outcomes[outcome]}`
  )
}

export const wayTitles: Record<Way, string> = { linear: 'Linear probes', 'fine-tuned': 'Fine-tuned' }

const verdicts: Record<Judged['outcome'], string> = {
  holds: 'holds: continual multi-task above multi-task above continual',
  reversed: 'does not hold: at least two methods stand the other way round',
  undecided: 'is not decided at this size',
}

/** Whether the paper's order is found, by each way of judging. */
export function verdictSentence({ orders, seeds }: Pick<Table7, 'orders' | 'seeds'>): string {
  const found = wayNames.map((way) => `${wayTitles[way].toLowerCase()}, it ${verdicts[orders[way].verdict]}`)
  const few =
    seeds.length < 5 ? ` With ${seeds.length} of the seeds no test can say so; at least five are needed.` : ''
  return `The paper's order of the methods: by ${found.join('; ')}.${few}`.replace('; fine', '; when fine')
}
