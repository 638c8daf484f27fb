import model from 'wink-eng-lite-web-model'
import winkNLP from 'wink-nlp'
import type { EnglishToken } from './english-tokens.ts'

/** What an English word is by itself. `proper`: a name; `unknown`: not in the lexicon; otherwise its usual tag. */
export type WordClass = string

export interface EnglishTagger {
  /** Sets the tags of the tokens of texts, each given as its sentences. What a text has changes no tag of another. */
  tag(texts: readonly (readonly EnglishToken[][])[]): void
  /** Class of a capitalised word, by the lexicon. */
  classOf(form: string): WordClass
}

/**
 * The tagger keeps every word that it sees. After so many UTF-16 units it is made anew (0.2 s), which bounds its memory
 * and changes no tag.
 */
const unitsPerTagger = 1 << 24
const classesRemembered = 1 << 15
/** Stands between texts: a word to the tagger, of a class that is in none of its rules. */
const textEnd = '\n'

/** Parts of speech by wink-nlp: a lexicon of 88,000 words and rules that look at the words around. */
export function createEnglishTagger(): EnglishTagger {
  let wink = open()
  let seen = 0
  let classes = new Map<string, WordClass>()

  const read = (text: string) => {
    seen += text.length
    if (seen > unitsPerTagger) {
      wink = open()
      seen = text.length
    }
    return wink.nlp.readDoc(text).tokens()
  }
  const lookUp = (form: string): WordClass => {
    const own = read(form)
    const { its } = wink.nlp
    const tags = own.out(its.pos) as string[]
    if ((own.out(its.uniqueId) as unknown as number[])[0] < wink.known)
      return tags[0] === 'PROPN' ? 'proper' : tags[0]
    const lower = read(form.toLowerCase())
    if ((lower.out(its.uniqueId) as unknown as number[])[0] >= wink.known) return 'unknown'
    return (lower.out(its.pos) as string[])[0]
  }
  return {
    tag(texts) {
      let text = ''
      let count = 0
      for (const sentences of texts) {
        let gap = count === 0 ? '' : textEnd
        for (const sentence of sentences) {
          for (const { form } of sentence) {
            text += gap + form
            gap = ' '
          }
          count += sentence.length
        }
        count++
      }
      if (text === '') return
      const words = read(text)
      const { its } = wink.nlp
      const tags = words.out(its.pos) as string[]
      // The tagger makes two words of "don't" and "cannot": the first stands for the token.
      const values = tags.length === count - 1 ? null : (words.out(its.value) as string[])
      let next = 0
      for (const sentences of texts) {
        for (const sentence of sentences) {
          for (const token of sentence) {
            token.tag = tags[next]
            if (values === null) next++
            else for (let length = 0; length < token.form.length; next++) length += values[next].length
          }
        }
        next++
      }
    },
    classOf(form) {
      let found = classes.get(form)
      if (found === undefined) {
        found = lookUp(form)
        if (classes.size >= classesRemembered) classes = new Map()
        classes.set(form, found)
      }
      return found
    },
  }
}

/** A tagger, and the number of words it knows: words it learns from text have greater numbers. */
function open() {
  const nlp = winkNLP(model, ['pos'])
  const learned = nlp.readDoc('zzqqxq').tokens().out(nlp.its.uniqueId) as unknown as number[]
  return { nlp, known: learned[0] }
}
