import type { Jieba } from '@node-rs/jieba'
import { wordBounds } from './words.ts'

/** A word of a Chinese sentence. */
export interface ChineseWord {
  /** UTF-16 units in the paragraph. */
  start: number
  end: number
  text: string
  /** Part of speech by jieba's dictionary; `x` for marks, blanks and what is in no dictionary. */
  tag: string
  /** Whether it is of Chinese characters only. */
  hanzi: boolean
}

/** The surnames of nine Chinese in ten, less those that are common words themselves (高 于 何 任 方 常 万 时 …). */
export const surnames: ReadonlySet<string> = new Set(
  '王李张刘陈杨赵黄周吴徐孙胡朱郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪姜范姚谭廖邹熊陆郝孔崔邱秦史侯邵孟段钱汤尹黎贺赖龚欧尤柳'.split(
    '',
  ),
)
const chinese = /^\p{Script=Han}+$/u
/** What jieba leaves on a name that it does not know: 钟雄道 ("Zhong Xiong said"). */
const behindName = new Set('道说曰问答笑到来去见听看走等便又也'.split(''))
/** Longer text without a sentence end is given to jieba in parts. */
const longest = 4096

/**
 * Words of `text.slice(start, end)` without the blanks. They are jieba's, except that none begins inside a word of
 * BERT's pre-tokeniser (jieba cuts café in two) and that a verb comes off an unknown name: 钟雄 道.
 */
export function chineseWords(jieba: Jieba, text: string, start: number, end: number): ChineseWord[] {
  const found: ChineseWord[] = []
  const sentence = text.slice(start, end)
  const bounds = wordBounds(sentence)
  let next = 0
  for (let from = 0; from < sentence.length; ) {
    const to = partEnd(sentence, bounds, from)
    let at = from
    for (const { word, tag } of jieba.tag(sentence.slice(from, to), true)) {
      const first = at
      at += word.length
      while (next < bounds.length && bounds[next + 1] <= first) next += 2
      if (next < bounds.length && bounds[next] < first) found[found.length - 1].end = start + at
      else if (word.trim() !== '') pushWord(found, word, start + first, tag)
    }
    from = to
  }
  for (const word of found) {
    if (word.end - word.start === word.text.length) continue
    word.text = text.slice(word.start, word.end)
    word.hanzi = false
  }
  return found
}

function pushWord(found: ChineseWord[], text: string, start: number, tag: string): void {
  const hanzi = chinese.test(text)
  if (tag === 'x' && text.length === 3 && surnames.has(text[0]) && behindName.has(text[2])) {
    found.push({ start, end: start + 2, text: text.slice(0, 2), tag, hanzi })
    found.push({ start: start + 2, end: start + 3, text: text[2], tag: 'v', hanzi })
  } else {
    found.push({ start, end: start + text.length, text, tag, hanzi })
  }
}

/** Where the part that begins at `from` ends: `length`, or between two words of `bounds`. */
function partEnd(text: string, bounds: readonly number[], from: number): number {
  const { length } = text
  if (length - from <= longest) return length
  let low = 0
  let high = bounds.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if (bounds[2 * middle + 1] <= from + longest) low = middle + 1
    else high = middle
  }
  // Between two Chinese characters jieba may have a word, so the part rather ends with something else.
  const least = low / 2
  let better = low
  while (better > least && chinese.test(text[bounds[2 * better - 2]])) better--
  if (better > least) low = better
  // A word longer than that stays whole.
  const end = low > 0 ? bounds[2 * low - 1] : 0
  return end > from ? end : (bounds[2 * low + 1] ?? length)
}
