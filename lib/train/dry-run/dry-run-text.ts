import { aligned } from '../evaluation/summary.ts'
import { bytes, duration, short } from '../quantities.ts'
import type { DryRun } from './dry-run.ts'

const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })

/** What a plan comes to, in words and tables. */
export const dryRunText = (run: DryRun): string =>
  [
    headOf(run),
    stagesOf(run),
    corporaOf(run),
    ...(run.prepare.length > 0 ? [missingOf(run)] : []),
    memoryOf(run),
    checkpointOf(run),
    timeOf(run),
  ].join('\n\n')

function headOf({ plan, encoder, precision, tokensPerStep }: DryRun): string {
  const { layers, hiddenSize, parameters, vocabularySize, vocabularyIsAssumed } = encoder
  const pieces = `${grouped(vocabularySize)} pieces${vocabularyIsAssumed ? ' (assumed, no corpus is here: --pieces)' : ''}`
  return [
    `plan ${plan}: a dry run, nothing is written`,
    `encoder: ${layers} layers of ${hiddenSize}, ${pieces}; with all heads ${grouped(parameters)} parameters; ${precision}`,
    `step: ${grouped(tokensPerStep)} tokens`,
  ].join('\n')
}

function stagesOf({ stages, tasks, steps, tokens, converging }: DryRun): string {
  const names = Object.keys(tasks)
  const atMost = converging.length > 0 ? 'at most ' : ''
  const budget = (task: string, count: number | undefined) =>
    `${count && converging.includes(task) ? '<= ' : ''}${grouped(count ?? 0)}`
  const rows = stages.map((stage, index) => [
    `stage ${index + 1}`,
    ...names.map((task) => budget(task, stage.budgets[task])),
    grouped(stage.steps),
    short(stage.tokens),
  ])
  const all = ['all', ...names.map((task) => budget(task, tasks[task].steps)), grouped(steps), short(tokens)]
  const tokenRow = ['tokens', ...names.map((task) => short(tasks[task].tokens)), '', short(tokens)]
  const note =
    converging.length > 0
      ? `\n${converging.join(', ')}: until converged; counted with all iterations, so everything below is at most`
      : ''
  return aligned([['iterations', ...names, `${atMost}steps`, 'tokens'], ...rows, all, tokenRow]) + note
}

function corporaOf({ corpora, heldOut }: DryRun): string {
  const rows = corpora.map(({ name, corpus, steps, tokens, epochs, tasks }) => [
    name,
    corpus ? short(corpus.tokenCount) : 'not here',
    grouped(steps),
    short(tokens),
    epochs === null ? '?' : epochs.toFixed(2),
    tasks.join(', '),
  ])
  const heldOutRows = heldOut.map(({ name, corpus, tasks }) => [
    `held-out ${name}`,
    corpus ? short(corpus.tokenCount) : 'not here',
    '',
    '',
    '',
    tasks.join(', '),
  ])
  return aligned([['corpus', 'tokens', 'steps', 'tokens drawn', 'epochs', 'for'], ...rows, ...heldOutRows])
}

function missingOf({ corpora, heldOut, prepare, tokensPerStep }: DryRun): string {
  const missing = [...corpora, ...heldOut].filter(({ corpus }) => !corpus).length
  return [
    `${missing} of ${corpora.length + heldOut.length} corpora are not here. Of their inputs nothing is known: a step of theirs counts ` +
      `${grouped(tokensPerStep)} tokens. They are made by`,
    ...prepare.map((command) => `  ${command}`),
  ].join('\n')
}

function memoryOf({ memory, time }: DryRun): string {
  const { parameters, gradients, moments, average, activations, weightCopies, total, available } = memory
  const how = time.here
    ? `measured with ${grouped(time.here.tokens)} tokens, for a full micro-batch`
    : 'not measured'
  const row = (name: string, size: number | null, source: string) => [
    name,
    size === null ? '?' : bytes(size),
    source,
  ]
  return aligned([
    row('memory', total, `of ${bytes(available)} available`),
    row('  parameters', parameters, 'computed, float32'),
    row('  gradients', gradients, 'computed, float32'),
    row('  moments', moments, 'computed, float32'),
    ...(average > 0 ? [row('  average of weights', average, 'computed, float32')] : []),
    row('  copies of weights', weightCopies, time.here ? 'measured' : 'not measured'),
    row('  activations', activations, how),
  ])
}

function checkpointOf({ checkpoint }: DryRun): string {
  const { model, optimizer, average, total, mostAtOnce } = checkpoint
  const row = (name: string, size: number, note: string) => [name, bytes(size), note]
  return aligned([
    row('checkpoint', total, `${grouped(total)} bytes, and some text; at most ${bytes(mostAtOnce)} at once`),
    row('  model.safetensors', model, `${grouped(model)} bytes`),
    row('  optimizer.safetensors', optimizer, `${grouped(optimizer)} bytes`),
    ...(average > 0 ? [row('  ema.safetensors', average, `${grouped(average)} bytes`)] : []),
  ])
}

function timeOf({ time: { here, there }, memory }: DryRun): string {
  const lines = [
    here
      ? `time on this machine: ${duration(here.seconds)}, at ${grouped(here.tokensPerSecond)} tokens/s and ` +
        `${here.optimizerSeconds.toFixed(2)} s an optimiser step (${here.steps} real steps of ${grouped(here.tokens)} tokens of ` +
        'random text, all token tasks and one sentence task)'
      : `time on this machine: training needs ${bytes(memory.total)}, so it was not measured`,
    ...(there
      ? [
          `time on ${there.gpus} GPU${there.gpus === 1 ? '' : 's'} at ${grouped(there.tokensPerSecond)} tokens/s each: ${duration(there.seconds)}`,
        ]
      : []),
    'evaluations, checkpoints and reading of corpora come besides',
  ]
  return lines.join('\n')
}
