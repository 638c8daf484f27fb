import { normalizedWords, Unit, units } from './normalize.ts'
import { detached, longestWord } from './wordpiece.ts'

/** Words of a text and how often each occurs. */
export interface WordCounts {
  counts: Map<string, number>
  /** Occurrences of words of more than 100 code points, which are `[UNK]` in every vocabulary and not in `counts`. */
  tooLong: number
  /** Occurrences that were forgotten to bound the memory; 0: every count is exact. */
  forgotten: number
}

export interface WordCounter {
  /** Counts the words of a text; a word does not go on in the next one. */
  add(text: string): void
  /** What was counted. */
  finish(): WordCounts
}

/** Different runs counted before they are normalised, about 50 MB. */
const mostRuns = 2 ** 19
/** Longer runs are normalised at once: they hardly come again. */
const longestRun = 64
/** V8 copies shorter slices; longer ones keep alive the text they were cut from. */
const shortestSlice = 13

const asciiWord = /^[0-9A-Za-z]+$/

/**
 * Counts words as {@link createWordPiece} sees them. Runs without blanks, punctuation or ideographs are counted as
 * they stand and normalised once for all their occurrences.
 *
 * @param mostWords words that may be in memory (about 100 bytes each). When there are more, the rarest are forgotten
 * until half of them are left, as word2vec does: a word then lacks at most what it had when it was forgotten, and
 * which words these are depends on the order of the text. Unless that happens, order does not matter.
 */
export function createWordCounter({
  lowerCase,
  mostWords,
}: {
  lowerCase: boolean
  mostWords: number
}): WordCounter {
  const counts = new Map<string, number>()
  const singles = new Float64Array(0x10000)
  let runs = new Map<string, { count: number }>()
  let rarest = 0
  let tooLong = 0
  let forgotten = 0

  const addWord = (word: string, count: number) => {
    counts.set(word, (counts.get(word) ?? 0) + count)
    if (counts.size > mostWords) forgetRarest()
  }
  const forgetRarest = () => {
    while (counts.size > mostWords / 2) {
      rarest++
      for (const [word, count] of counts) {
        if (count > rarest) continue
        counts.delete(word)
        forgotten += count
      }
    }
  }
  const addRun = (run: string, count: number) => {
    if (run.length <= longestWord && asciiWord.test(run)) {
      addWord(lowerCase ? run.toLowerCase() : run, count)
      return
    }
    for (const { text, length } of normalizedWords(run, lowerCase)) {
      if (length > longestWord) tooLong += count
      else addWord(text, count)
    }
  }
  const addRuns = () => {
    for (const [run, { count }] of runs) addRun(run, count)
    runs = new Map()
  }

  return {
    add(text) {
      for (let index = 0; index < text.length; ) {
        const from = index
        const unit = text.charCodeAt(index++)
        const kind = units[unit]
        if (kind === Unit.single) singles[unit]++
        if (kind >= Unit.blank) continue
        while (index < text.length && units[text.charCodeAt(index)] < Unit.blank) index++
        const run = text.slice(from, index)
        if (run.length > longestRun) {
          addRun(run, 1)
          continue
        }
        const known = runs.get(run)
        if (known !== undefined) {
          known.count++
          continue
        }
        runs.set(run.length < shortestSlice ? run : detached(run), { count: 1 })
        if (runs.size === mostRuns) addRuns()
      }
    },
    finish() {
      addRuns()
      singles.forEach((count, unit) => {
        if (count > 0) addRun(String.fromCharCode(unit), count)
      })
      singles.fill(0)
      return { counts, tooLong, forgotten }
    },
  }
}
