import { commonWords } from './chinese-common.ts'
import { type ChineseWord, surnames } from './chinese-words.ts'
import { fitSpans } from './fit-spans.ts'
import { overlay, type Spans } from './spans.ts'
import { wordBounds } from './words.ts'

/** May be the given name behind a surname that stands alone: 李 明. */
const givenNames = new Set(['nr', 'a', 'n', 'nz', 'ns', 'ng', 'ag', 'x', 'b', 'j'])
/** End the name of an organisation or a place that begins with a name: 清华 大学, 武汉 长江 大桥. */
const suffixes = new Set(
  `大学 学院 中学 小学 公司 集团 银行 委员会 协会 学会 研究所 研究院 医院 博物馆 图书馆 法院 议会 出版社 电视台 报社 车站
  机场 大桥 大街 大道 公园 广场 饭店 酒店 酒家 烤鸭店 餐厅 寺 庙 路 街 区 县 市 省 镇 村 州 岛 湖 河 山 江 站 店 队`
    .trim()
    .split(/\s+/),
)
/** Works: 《红楼梦》. */
const title = /《([^《》]{1,30})》/g
const date =
  /(?:公元前?)?(?:\d{1,4}|[一二三四五六七八九〇零]{4})\s?年(?:\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号])?)?|\d{1,2}\s?月\s?\d{1,2}\s?[日号]/g

/**
 * Entities of the sentence `text.slice(start, end)`: titles in 《》, dates, jieba's names less the common words among
 * them, names of people that it does not know by their surname, and rows of these that make one name. Latin words with
 * a capital are names.
 */
export function chineseEntities(
  words: readonly ChineseWord[],
  text: string,
  start: number,
  end: number,
): Spans {
  const sentence = text.slice(start, end)
  const formed: Spans = []
  for (const { index, 1: name } of sentence.matchAll(title)) formed.push(index + 1, index + 1 + name.length)
  const dated: Spans = []
  for (const { index, 0: found } of sentence.matchAll(date)) {
    // A longer number ends with these digits: 12345年.
    if (!/\d/.test(sentence[index - 1] ?? '')) dated.push(index, index + found.length)
  }
  let spans = overlay(formed, dated)
  if (spans.length > 0) {
    spans = fitSpans(spans, wordBounds(sentence), [sentence.length]).map((offset) => start + offset)
  }
  return overlay(spans, nameSpans(words))
}

function nameSpans(words: readonly ChineseWord[]): Spans {
  const spans: Spans = []
  for (let index = 0; index < words.length; ) {
    const end = nameEnd(words, index)
    if (end > index) spans.push(words[index].start, words[end - 1].end)
    index = Math.max(end, index + 1)
  }
  return spans
}

/** The word behind the name that begins at `first`; 0 when none does. */
function nameEnd(words: readonly ChineseWord[], first: number): number {
  const word = words[first]
  if (isLatinName(word)) {
    let end = first + 1
    while (end < words.length && isLatinName(words[end])) end++
    return end
  }
  const next = words[first + 1]
  if (word.text.length === 1) {
    const given =
      next !== undefined && surnames.has(word.text) && word.tag === 'nr' && next.start === word.end
    return given && next.text.length === 1 && next.hanzi && givenNames.has(next.tag) ? first + 2 : 0
  }
  if (!isName(word)) return 0
  let end = first + 1
  for (; end < words.length && words[end].start === words[end - 1].end; end++) {
    const [before, behind] = [words[end - 1], words[end]]
    const foreign = behind.text === '·' && words[end + 1]?.hanzi
    if (foreign) end++
    else if (
      !(before.tag === 'ns' && behind.tag === 'ns' && isName(behind)) &&
      !(before.tag !== 'nr' && suffixes.has(behind.text))
    )
      break
  }
  return end
}

/**
 * Whether a word names something. Which of jieba's tags hold was measured on the training text of MSRA-NER: less than
 * half of its "other names" (nz) and of its people without a surname are names, so these have to show it.
 */
function isName(word: ChineseWord): boolean {
  const { text, tag, hanzi } = word
  if (text.length < 2 || !hanzi || commonWords.has(text)) return false
  const surname = surnames.has(text[0])
  if (tag === 'x') return surname && text.length < 4
  if (tag === 'nr') return text.length < 4 && (surname || text.length === 3)
  if (tag === 'nz') return text.length > 4 || /[族语杯]$/.test(text)
  return tag === 'ns' || tag === 'nt' || tag === 'nrt' || tag === 'nrfg'
}

function isLatinName(word: ChineseWord): boolean {
  return word.text.length > 1 && /^[A-Z][\p{L}\p{N}]*$/u.test(word.text)
}
