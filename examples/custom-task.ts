// An eighth task, in a file of its own: what kind of document a text is from. A plan gives its path,
//   tasks: ['knowledge-masking', { task: './custom-task.ts', kinds: ['encyclopedia', 'books', 'dialogues'] }]
// where the kinds are beginnings of the names of the corpus's sources, which are file names unless `prepare` was told others.
import { z } from 'zod'
import { EverlearnError, layOut, placeOf, readOptions, type SentenceTask, textAt } from '../lib/index.ts'

const name = 'document-kind'
const schema = z.strictObject({
  /** The classes: a document is of the first kind that its source's name begins with. */
  kinds: z.array(z.string().min(1)).min(2),
})

/** The default export of a task's file is called with the options that the plan gives, and makes the task. */
export default function documentKind(options?: object): SentenceTask {
  const { kinds } = readOptions(name, schema, options)
  const kindOf = (source: string) => kinds.findIndex((kind) => source.startsWith(kind))

  return {
    kind: 'sentence',
    name,
    classNames: kinds,
    needs: `documents from ${kinds.join(', ')}`,

    // Called once for each corpus: says why one cannot serve the task.
    check({ directory, documentCount, document }) {
      const found = new Set<number>()
      for (let index = 0; index < documentCount; index++) found.add(kindOf(document(index).source))
      const missing = kinds.filter((_, label) => !found.has(label))
      if (missing.length === 0) return
      throw new EverlearnError(
        'TASK_NEEDS',
        `${name} needs documents of every kind, but ${directory} has none from ${missing.join(', ')}`,
      )
    },

    // Called for each input: the text around the window as one segment, and its label.
    draw({ corpus, vocabulary, maxLength, window }, random) {
      const wanted = random.below(kinds.length)
      const { document, token } = placeOf(corpus, window)
      // Another window is tried until one is of the wanted kind: all kinds are as frequent, whatever the corpus holds.
      if (kindOf(document.source) !== wanted) return null
      return layOut(vocabulary, [textAt(document, token, maxLength - 2)], wanted)
    },
  }
}
