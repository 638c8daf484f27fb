import type { Language } from '../../lib/index.ts'

/** Words at the beginning of a sentence that say how it follows from the one before it, in small letters. */
export interface Markers {
  /** Count whether a comma follows them or not. */
  bare: readonly string[]
  /** Count only before a comma: without one they are mostly something else (`This is`, `Now that`, `最后一个`). */
  withComma: readonly string[]
}

/** The class of pairs whose second sentence begins with no marker, named as in Discovery. */
export const noConnective = '[no-conn]'

/**
 * English: the 173 markers of Discovery (Sileo, Van De Cruys, Pradel and Muller, 2019, "Mining Discourse Markers for
 * Unsupervised Sentence Representation Learning"), from `data/markers_list.txt` of github.com/sileod/Discovery at
 * ed7bd42, Apache-2.0, with blanks for its underscores and without its commas. Three that it takes bare count here only
 * before a comma, because a noun follows them otherwise: `because of this`, `because of that`, `third`.
 *
 * Chinese: this project's own list of common connectives.
 */
export const discourseMarkers: Record<Language, Markers> = {
  en: {
    bare: list(`
      accordingly, additionally, afterward, alternatively, and, but, by then, consequently, conversely, for example,
      for instance, furthermore, however, in other words, moreover, nevertheless, nonetheless, on the other hand,
      simultaneously, therefore`),
    withComma: list(`
      absolutely, actually, admittedly, again, already, also, alternately, although, altogether, amazingly, anyway,
      apparently, arguably, as a result, basically, because of that, because of this, besides, by comparison,
      by contrast, by doing this, certainly, clearly, coincidentally, collectively, curiously, currently, elsewhere,
      especially, essentially, eventually, evidently, finally, first, firstly, fortunately, frankly, frequently, further,
      generally, gradually, happily, hence, here, historically, honestly, hopefully, ideally, immediately, importantly,
      in contrast, in fact, in particular, in short, in sum, in the end, in the meantime, in turn, incidentally,
      increasingly, indeed, inevitably, initially, instead, interestingly, ironically, lastly, lately, later, likewise,
      locally, luckily, maybe, meaning, meantime, meanwhile, mostly, namely, nationally, naturally, next, normally,
      notably, now, obviously, occasionally, oddly, often, on the contrary, once, only, optionally, or, originally,
      otherwise, overall, particularly, perhaps, personally, plus, preferably, presently, presumably, previously,
      probably, rather, realistically, really, recently, regardless, remarkably, sadly, second, secondly, separately,
      seriously, significantly, similarly, slowly, so, sometimes, soon, specifically, still, strangely, subsequently,
      suddenly, supposedly, surely, surprisingly, technically, thankfully, then, theoretically, thereafter, thereby,
      third, thirdly, this, though, thus, together, traditionally, truly, truthfully, typically, ultimately,
      undoubtedly, unfortunately, unsurprisingly, usually, well, yet`),
  },
  zh: {
    bare: list(`
      但是, 但, 然而, 不过, 可是, 而且, 并且, 此外, 因此, 因而, 所以, 于是, 然后, 接着, 随后, 否则, 不然, 例如, 比如, 也就是说,
      换句话说, 换言之, 总之, 总而言之, 综上所述, 事实上, 实际上, 其实, 尽管如此, 即便如此, 与此同时, 除此之外, 不仅如此, 相比之下,
      另一方面, 反之, 相反, 首先, 其次, 况且, 何况, 毕竟, 由此可见, 从此, 或者, 那么`),
    withComma: list(`
      当然, 另外, 同时, 同样, 同样地, 最后, 最终, 后来, 之后, 此后, 结果, 为此, 显然, 通常, 现在, 目前, 幸运的是, 不幸的是, 更重要的是,
      一般来说, 总的来说, 具体来说, 简单来说, 比如说, 举例来说, 这样一来, 再者, 一方面`),
  },
}

/** The classes that are mined from text of a language: no connective, then its markers in the order of their letters. */
export function markerNames(language: Language): string[] {
  const { bare, withComma } = discourseMarkers[language]
  return [noConnective, ...[...bare, ...withComma].sort()]
}

function list(text: string): string[] {
  return text.trim().split(/,\s+/)
}
