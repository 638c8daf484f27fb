import model from 'wink-eng-lite-web-model'
import winkNLP from 'wink-nlp'
import type { EnglishToken } from './english-tokens.ts'

/** What an English word is by itself. `proper`: a name; `unknown`: not in the lexicon; otherwise its usual tag. */
export type WordClass = string

export interface EnglishTagger {
  /** Sets the tags of the tokens of some sentences. */
  tag(tokens: readonly EnglishToken[]): void
  /** Class of a capitalised word, by the lexicon. */
  classOf(form: string): WordClass
}

/**
 * The tagger keeps every word that it sees. After so many UTF-16 units it is made anew (0.2 s), which bounds its memory
 * and changes no tag.
 */
const unitsPerTagger = 1 << 24
const classesRemembered = 1 << 15

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
    tag(tokens) {
      if (tokens.length === 0) return
      let text = tokens[0].form
      for (let index = 1; index < tokens.length; index++) text += ` ${tokens[index].form}`
      const words = read(text)
      const { its } = wink.nlp
      const tags = words.out(its.pos) as string[]
      if (tags.length === tokens.length) {
        for (let index = 0; index < tokens.length; index++) tokens[index].tag = tags[index]
        return
      }
      // The tagger makes two words of "don't" and "cannot": the first stands for the token.
      const values = words.out(its.value) as string[]
      let next = 0
      for (const token of tokens) {
        token.tag = tags[next]
        for (let length = 0; length < token.form.length; next++) length += values[next].length
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
