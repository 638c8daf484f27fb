import { z } from 'zod'
import {
  type Corpus,
  EverlearnError,
  fitPair,
  layOut,
  placeOf,
  readOptions,
  type SentenceTask,
  textsOfPair,
} from '../../lib/index.ts'
import { createTitleIndex, type TitleIndex } from './ir-titles.ts'

const name = 'ir-relevance'
const classNames = ['clicked', 'shown', 'random']
const clicked = 0
const random = 2

const classOfLabel = new Map(
  classNames.flatMap(
    (label, index) =>
      [
        [label, index],
        [String(index), index],
      ] as const,
  ),
)

/**
 * IR relevance (ERNIE 2.0, section 4.2, "IR Relevance Task"): how a title (second segment) relates to a query (first
 * segment): users clicked it (0), search showed it and nobody clicked (1), or it is a random one (2).
 *
 * The rows of a corpus of pairs are labelled `clicked`, `shown`, `random`, or 0, 1, 2; at least some are clicked. Every
 * class that there is comes equally often. Where no row is random the task makes such pairs: the query of a clicked row
 * with the title of another clicked row of the same source and of like length, which the corpus does not have for this
 * query; so neither the query nor the title alone says that the pair is random.
 */
export function irRelevance(given: object = {}): SentenceTask {
  // It has none: this refuses those that are not known.
  readOptions(name, z.strictObject({}), given)
  const known = new WeakMap<Corpus, IrRows>()
  const rowsOf = (corpus: Corpus): IrRows => {
    const found = known.get(corpus) ?? readRows(corpus)
    known.set(corpus, found)
    return found
  }

  return {
    kind: 'sentence',
    name,
    classNames,
    corpora: ['pairs'],
    needs:
      'rows (query, title, label), of which some are clicked, with other queries whose titles are as long',

    check(corpus) {
      checkLabels(corpus)
      const { byClass, titles } = rowsOf(corpus)
      if (byClass[clicked].length === 0) {
        throw new EverlearnError(
          'TASK_NEEDS',
          `${name} needs rows labelled clicked (0), but ${corpus.directory} has none; add the titles that answer a query`,
        )
      }
      if (byClass[random].length === 0 && !titles?.canDraw()) {
        throw new EverlearnError(
          'TASK_NEEDS',
          `${name} makes random pairs of titles of other queries of the same source, but no source of ${corpus.directory} ` +
            'has clicked titles of two queries; add rows, or rows labelled random (2)',
        )
      }
    },

    draw({ corpus, vocabulary, maxLength, window }, randomNumbers) {
      const { byClass, titles, classes } = rowsOf(corpus)
      const label = classes[randomNumbers.below(classes.length)]
      const drawn = label === random && titles !== null
      const rows = byClass[drawn ? clicked : label]
      // An epoch's windows are all rows, each once, so that the rows of a class have equal shares too.
      const { document } = placeOf(corpus, window)
      const row = rows[Math.floor((document.index / corpus.documentCount) * rows.length)]
      const texts = textsOfPair(corpus.document(row))
      const titleRow = drawn ? titles.another(row, randomNumbers) : row
      if (!texts || titleRow === null) return null
      const title = textsOfPair(corpus.document(titleRow))?.[1]
      return title ? layOut(vocabulary, fitPair(texts[0], title, maxLength - 3), label) : null
    },
  }
}

interface IrRows {
  /** Rows of each class, ascending. */
  byClass: Uint32Array[]
  /** Classes that can be drawn. */
  classes: number[]
  /** Where random titles are drawn from; null where the corpus has its own random rows. */
  titles: TitleIndex | null
}

function readRows(corpus: Corpus): IrRows {
  const rows: number[][] = classNames.map(() => [])
  const labels = corpus.labels.map((label) => classOfLabel.get(label) as number)
  for (let index = 0; index < corpus.documentCount; index++) {
    const document = corpus.document(index)
    if (document.label >= 0 && textsOfPair(document)) rows[labels[document.label]].push(index)
  }
  const byClass = rows.map((each) => Uint32Array.from(each))
  const drawn = byClass[random].length === 0
  const classes = [0, 1, 2].filter((label) => byClass[label].length > 0 || (label === random && drawn))
  return { byClass, classes, titles: drawn ? createTitleIndex(corpus, byClass[clicked]) : null }
}

function checkLabels({ kind, directory, labels }: Corpus): void {
  const wanted = 'a corpus of pairs (query, title) labelled clicked, shown and random, or 0, 1 and 2'
  const found =
    kind !== 'pairs'
      ? 'is running text'
      : labels.length === 0
        ? 'has no labels'
        : labels.some((label) => !classOfLabel.has(label))
          ? `has the labels ${labels.join(', ')}`
          : null
  if (found === null) return
  throw new EverlearnError(
    'LABEL_UNKNOWN',
    `${name} needs ${wanted}, but ${directory} ${found}; write the column of labels anew and prepare it again, ` +
      'or give the corpus to other tasks only',
  )
}
