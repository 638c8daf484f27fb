import test from 'ava'
import type { Corpus } from '../../../lib/data/corpus.ts'
import type { Task } from '../../../lib/data/task.ts'
import type { Inspection } from '../../../lib/report/inspect/inspection.ts'
import { samplesOf } from '../../../lib/report/inspect/task-samples.ts'
import { inspectionText } from '../../../lib/report/inspect/text/inspection-text.ts'
import { createVocabulary } from '../../../lib/tokenizer/vocabulary.ts'
import { corpusFromDocuments } from '../../helpers/corpus.ts'
import { fixedMask, fixedSegments, labelWords, sourceOf } from '../../helpers/inspected-tasks.ts'
import { memoryCorpus } from '../../helpers/memory-corpus.ts'

const english = memoryCorpus([
  ['The old cat pur ##red .', 'Paris is far .'],
  ['Dogs bark .', 'They run .'],
])

function inspect(corpus: Corpus, tasks: readonly Task[], count = 1): Inspection {
  const { counts, language, lowerCase } = corpus.manifest
  const drawing = { corpus: 'corpus', tasks: tasks.map(({ name }) => name), count, progress: 0 }
  return {
    corpus: {
      directory: 'corpus',
      kind: corpus.kind,
      language,
      lowerCase,
      annotated: corpus.annotated,
      vocabulary: corpus.vocabulary.size,
      counts,
    },
    seed: 1,
    maxLength: 128,
    samples: samplesOf(sourceOf(corpus, tasks), drawing),
  }
}

const linesOf = (inspection: Inspection, width = 80, colour = false) =>
  inspectionText(inspection, { width, colour }).split('\n')

test('a sentence task: its class, and segments with their slots and places', (t) => {
  const places = [
    [0, 1],
    [1, 0],
    [0, 0],
  ] as const
  const inspection = inspect(english, [fixedSegments(places, 1, ['good', 'bad'])])
  t.deepEqual(linesOf(inspection), [
    'fixed on corpus',
    '  seed 1, inputs of at most 128 tokens',
    '  fixed of the input: 0 good · 1 bad',
    '',
    'sample 1 of 1, 17 tokens',
    '  class 1 of 0–1: bad',
    '  segment 1 in slot 0: document 0 of memory, tokens 6–9 of 10, 2nd of 2 there',
    '  paris is far.',
    '',
    '  segment 2 in slot 1: document 1 of memory, tokens 0–2 of 6',
    '  dogs bark.',
    '',
    '  segment 3 in slot 2: document 0 of memory, tokens 0–5 of 10, 1st of 2 there',
    '  the old cat purred.',
    '',
  ])
})

test('masking and labels together: labels over the words, what the encoder sees under them', (t) => {
  // [CLS] the old cat pur ##red . [SEP] they run . [SEP]
  const tasks = [
    fixedSegments(
      [
        [0, 0],
        [1, 1],
      ],
      0,
      ['good', 'bad'],
    ),
    fixedMask({ 2: '[MASK]', 4: '[MASK]', 5: 'far', 9: 'run' }, 'word'),
    labelWords('capitals', ['lower case', 'upper case']),
    labelWords('places', ['even', 'odd'], (_, position) => position % 2),
  ]
  t.deepEqual(linesOf(inspect(english, tasks), 72), [
    'fixed + mask + capitals + places on corpus',
    '  seed 1, inputs of at most 128 tokens',
    '  fixed of the input: 0 good · 1 bad',
    '  mask under the words: [MASK] hidden · ~x another token put in · =x',
    '    drawn but left as it is; a name with a line is the unit that was',
    '    drawn',
    '  capitals over the words, 1st from above: 0 lower case · 1 upper case',
    '  places over the words, 2nd from above: even · odd',
    '',
    'sample 1 of 1, 12 tokens',
    '  class 0 of 0–1: good',
    '  drawn: 4 of 9 tokens (44.4 %) as 3 words; 2 [MASK], 1 another token, 1',
    '    left as it is',
    '  segment 1 in slot 0: document 0 of memory, tokens 0–5 of 10',
    '  1          0             0',
    '  odd        odd           even',
    '  the old    cat purred    .',
    '      [MASK]     [MASK]~far',
    '',
    '  segment 2 in slot 1: document 1 of memory, tokens 3–5 of 6',
    '  1        0',
    '  even     even',
    '  they run .',
    '       =run',
    '',
  ])
})

test('the units that were drawn: phrases and entities whole, words beside them, a line through each', (t) => {
  const text = 'The old cat saw New York.'
  const corpus = corpusFromDocuments(
    [{ text, annotations: [{ phrases: [0, 11], entities: [16, 24] }] }],
    createVocabulary([
      '[PAD]',
      '[UNK]',
      '[CLS]',
      '[SEP]',
      '[MASK]',
      ...'the old cat saw new york .'.split(' '),
    ]),
    { annotated: true },
  )
  const masked = (unit: 'phrase' | 'entity') => [
    fixedSegments([[0, 0]], 0, ['only']),
    fixedMask({ 1: '[MASK]', 2: '[MASK]', 3: 'cat', 5: '[MASK]', 6: '[MASK]' }, unit),
  ]
  const rows = (unit: 'phrase' | 'entity') => {
    const lines = linesOf(inspect(corpus, masked(unit)), 100)
    return [lines.find((line) => line.includes('drawn: ')), ...lines.slice(-4, -1)]
  }
  t.deepEqual(rows('phrase'), [
    '  drawn: 5 of 7 tokens (71.4 %) as 1 phrase, 2 words; 4 [MASK], 0 another token, 1 left as it is',
    '  the    old    cat  saw new    york  .',
    '  [MASK] [MASK] =cat     [MASK] [MASK]',
    '  phrase────────────',
  ])
  t.deepEqual(rows('entity'), [
    '  drawn: 5 of 7 tokens (71.4 %) as 1 entity, 3 words; 4 [MASK], 0 another token, 1 left as it is',
    '  the    old    cat  saw new    york  .',
    '  [MASK] [MASK] =cat     [MASK] [MASK]',
    '                         entity───────',
  ])
})

test('Chinese: characters take two columns, and a word of several is one unit', (t) => {
  const corpus = corpusFromDocuments(
    [{ text: '北京大学很好。', annotations: [{ words: [0, 2, 4, 5, 6], phrases: [], entities: [] }] }],
    createVocabulary(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...'北京大学很好。']),
    { language: 'zh', annotated: true },
  )
  const tasks = [
    fixedSegments([[0, 0]], 0, ['only']),
    fixedMask({ 3: '[MASK]', 4: '好', 5: '[MASK]' }, 'word'),
    labelWords('odd', ['no', 'yes'], (_, position) => position % 2),
  ]
  t.deepEqual(linesOf(inspect(corpus, tasks)).slice(-5, -1), [
    '  yes no                 no yes',
    '  北  京大     学  很    好 。',
    '        [MASK] ~好 [MASK]',
    '        word──────',
  ])
})

test('data: pieces, what is seen in their place, labels and units', (t) => {
  const tasks = [
    fixedSegments([[0, 0]], 0, ['only']),
    fixedMask({ 4: '[MASK]', 5: '##red' }),
    labelWords('capitals', ['lower', 'upper']),
  ]
  const { tasks: described, samples } = inspect(english, tasks).samples!
  t.deepEqual(
    described.map(({ name, predicts, classNames }) => [name, predicts, classNames]),
    [
      ['fixed', 'class', ['only']],
      ['mask', 'tokens', []],
      ['capitals', 'labels', ['lower', 'upper']],
    ],
  )
  const [{ segments, units }] = samples
  t.deepEqual(units, [])
  t.deepEqual(segments[0].words[0], {
    pieces: ['the'],
    seen: [null],
    unit: null,
    labels: { capitals: [1] },
    blankBefore: false,
  })
  t.deepEqual(segments[0].words[3], {
    pieces: ['pur', '##red'],
    seen: ['[MASK]', '##red'],
    unit: null,
    labels: { capitals: [null, null] },
    blankBefore: true,
  })
})

test('colour is on top of the plain text', (t) => {
  const tasks = [
    fixedSegments([[0, 0]], 0, ['only']),
    fixedMask({ 2: '[MASK]' }, 'word'),
    labelWords('a', ['x', 'y']),
  ]
  const inspection = inspect(english, tasks, 2)
  const coloured = inspectionText(inspection, { width: 60, colour: true })
  t.true(coloured.includes('\x1b[31m[MASK]\x1b[39m'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  t.is(coloured.replace(/\x1b\[\d+m/g, ''), inspectionText(inspection, { width: 60, colour: false }))
})

test('token tasks alone annotate text as it stands', (t) => {
  const { samples } = inspect(english, [labelWords('capitals', ['lower', 'upper'])], 3).samples!
  t.is(samples.length, 3)
  for (const { segments, label } of samples) {
    t.is(label, undefined)
    t.is(segments.length, 1)
    t.true(segments[0].words.every(({ labels }) => labels.capitals.every((each) => each !== null)))
  }
})
