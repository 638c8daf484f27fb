import type { Judged, MethodFigures, Order, Table7 } from './compare-methods.ts'
import { type Way, wayNames } from './probing.ts'
import type { Comparison, Spread } from './statistics.ts'

export const methodNames: Record<MethodFigures['method'], string> = {
  'continual-multi-task': 'continual multi-task',
  'multi-task': 'multi-task',
  continual: 'continual',
  none: 'not pre-trained',
}

export const percent = (share: number): string =>
  (100 * share).toFixed(1).replace('-0.0', '0.0').replace('-', '−')

/** As `71.2 ± 0.8`, in per cent. */
export const spread = ({ mean, deviation }: Spread): string => `${percent(mean)} ± ${percent(deviation)}`

const outcomes: Record<Judged['outcome'], string> = {
  holds: 'as the paper has it',
  reversed: 'the other way round than in the paper',
  undecided: 'not told apart',
}

/** What is found of two methods, in one sentence. */
export const comparisonSentence = ({ better, worse, outcome, ...comparison }: Judged): string =>
  `${methodNames[better]} against ${methodNames[worse]}: ${differenceText(comparison)}: ${outcomes[outcome]}`

/** What pre-training with a method changes, in one sentence. */
export const gainSentence = ({ method, ...comparison }: Order['gains'][number]): string =>
  `${methodNames[method]} against no pre-training: ${differenceText(comparison)}`

function differenceText({ difference, higher, lower }: Comparison): string {
  const sign = percent(difference.mean) === '0.0' || difference.mean < 0 ? '' : '+'
  const points = `${sign}${percent(difference.mean)} ± ${percent(difference.deviation)} points`
  return `${points}, one-sided p = ${(difference.mean < 0 ? lower : higher).toFixed(3)}`
}

export const wayTitles: Record<Way, string> = { linear: 'Linear probes', 'fine-tuned': 'Fine-tuned' }

const verdicts: Record<Judged['outcome'], string> = {
  holds: 'holds: continual multi-task above multi-task above continual',
  reversed: 'does not hold: at least two methods stand the other way round',
  undecided: 'is not decided at this size',
}

/** Whether the paper's order is found, by each way of judging. */
export function verdictSentence({ orders, seeds }: Pick<Table7, 'orders' | 'seeds'>): string {
  const [linear, tuned] = wayNames.map((way) => verdicts[orders[way].verdict])
  const found =
    linear === tuned
      ? `${linear}, by linear probes as by fine-tuning`
      : `by linear probes it ${linear}; by fine-tuning it ${tuned}`
  const few =
    seeds.length < 5 ? ` With ${seeds.length} of the seeds no test can say so; at least five are needed.` : ''
  return `The paper's order of the methods${linear === tuned ? '' : ':'} ${found}.${few}`
}
