import type { Corpus } from '../../lib/data/corpus.ts'
import { layOut } from '../../lib/data/layout.ts'
import type { DataSource } from '../../lib/data/source.ts'
import type { MaskingUnit, SentenceTask, Task, TokenTask } from '../../lib/data/task.ts'

/** A source of one corpus, called `corpus`. */
export function sourceOf(corpus: Corpus, tasks: readonly Task[], maxLength = 128): DataSource {
  return {
    seed: 1,
    maxLength,
    corpora: { corpus },
    tasks: Object.fromEntries(tasks.map((task) => [task.name, task])),
  }
}

/** A sentence task whose input is always the given sentences (document, sentence), one a segment. */
export function fixedSegments(
  places: readonly (readonly [number, number])[],
  label: number,
  classNames: string[],
): SentenceTask {
  return {
    kind: 'sentence',
    name: 'fixed',
    classNames,
    needs: 'these documents',
    draw: ({ corpus, vocabulary }) =>
      layOut(
        vocabulary,
        places.map(([index, sentence]) => {
          const document = corpus.document(index)
          return { document, start: document.sentences[sentence], end: document.sentences[sentence + 1] }
        }),
        label,
      ),
  }
}

/** A masking task that puts the given pieces at the given positions, `[MASK]` or any other. */
export function fixedMask(changes: Record<number, string>, unit?: MaskingUnit): TokenTask {
  return {
    kind: 'token',
    name: 'mask',
    head: { kind: 'masked-language-model' },
    annotate(input, _, { vocabulary }) {
      const positions = Int32Array.from(Object.keys(changes), Number)
      return {
        positions,
        labels: positions.map((position) => input.ids[position]),
        ids: positions.map((position) => vocabulary.id(changes[position]) as number),
        unit,
      }
    },
  }
}

/** A task that labels every token of the text which is not taken: by default 1 where its word is capitalised. */
export function labelWords(
  name: string,
  classNames: string[],
  classAt: (capital: number, position: number) => number = (capital) => capital,
): TokenTask {
  return {
    kind: 'token',
    name,
    head: { kind: 'token-classification', classNames },
    annotate({ words, capitals }, _, { taken = new Int32Array() }) {
      const positions = Int32Array.from(words.keys()).filter(
        (position) => words[position] >= 0 && !taken.includes(position),
      )
      return { positions, labels: positions.map((position) => classAt(capitals[position], position)) }
    },
  }
}
