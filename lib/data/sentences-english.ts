/** Stand before a name, a year or more of the sentence: no end. */
const titles = words(`
  Mr Mrs Ms Mx Dr Drs Prof Profs Rev Revd Hon Fr Gen Adm Cmdr Comdr Col Lt Maj Capt Cpt Sgt Cpl Pvt Gov Sen Rep Reps Pres
  Supt Insp Amb Messrs Mme Mlle Mons Sra Srta Pte Bp Archbp vs cf viz ie eg ca c b d r fl approx`)

/** Stand before a number: no end when one follows. */
const numbered = words(`
  No Nos no nos Vol Vols vol vols Fig Figs fig figs Eq Eqs Sec Secs sec Ch Chap ch Art Arts art Op op Nr Pp pp P p Pt pt
  Bk bk Ref Refs Tab Para para Ver ver v l ll n § `)

/** May end a sentence or not, as initials and words with dots inside (U.S., a.m.): the word that follows decides. */
const either = words(`
  Inc Ltd Co Cos Corp Bros Jr Sr Esq PhD BA MA MD etc al est dept Dept Depts Assn Univ Ave Blvd Rd Sq Bldg St Ste Mt Mts
  Ft trans repr pub ff dist div ed eds Ed Eds Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur
  Thurs Fri Sat Sun Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kans Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev
  Okla Ore Pa Penn Tenn Tex Va Vt Wash Wis Wyo`)

/** Begin sentences and hardly ever follow an abbreviation inside one. */
const starters = words(`
  The A An This That These Those He She It They We You I His Her Its Their Our My Your In On At As By For From With After
  Before During Since Until Although Though While When Where If Because But And Or So Yet However Moreover Furthermore
  Nevertheless Meanwhile Therefore Thus Then There Here Some Many Most Several Each Every All Both Other Another One Two
  Three No Not Once Only Also Even Despite Under Upon Over Between Among Through Within Without According What Who Why How
  Which Such To Today Later Now Is Was Are Were Did Do Does Has Have Had Let Yes Well Oh Perhaps Never`)

/** A place where a sentence may end: the marks, what closes, the blanks. */
const candidate = /([.!?…]+)["'”’»)\]}]*\s+(?=\S)/g
/** What follows: opening signs, then a word or any other character. */
const following = /["'“‘«([{—–*-]*(?:([\p{L}\p{M}]+|\p{N}+)|([\s\S]))?/uy
const wordBefore = /[^\s"'“‘«([{—–-]*$/
const dotted = /^(?:\p{L}\.)+\p{L}$/u

/**
 * Ends of English sentences: after . ! ? … with the closing quotes and brackets behind them, when blanks and something
 * other than a lower-case letter follow. A full stop after a title, an initial, an abbreviation or a list number does
 * not count unless what follows says so. The blanks belong to the sentence they end. See {@link SentenceSplitter}.
 */
export function englishSentenceEnds(text: string): number[] {
  const ends: number[] = []
  let start = 0
  candidate.lastIndex = 0
  for (let match = candidate.exec(text); match; match = candidate.exec(text)) {
    const end = candidate.lastIndex
    if (!begins(text, end)) continue
    if (match[1] === '.' && !stops(text, start, match.index, end)) continue
    ends.push(end)
    start = end
  }
  if (start < text.length) ends.push(text.length)
  return ends
}

/** Whether a sentence can begin at `index`: not with a lower-case letter, nor with another mark (. . .). */
function begins(text: string, index: number): boolean {
  const { word, other } = wordAt(text, index)
  return word !== '' ? !/^\p{Ll}/u.test(word) : !'.!?…,;:'.includes(other)
}

/** Whether the full stop at `index` ends the sentence that begins at `start` when the text goes on at `next`. */
function stops(text: string, start: number, index: number, next: number): boolean {
  const before = text.slice(Math.max(start, index - 24), index)
  const word = wordBefore.exec(before)?.[0] ?? ''
  if (titles.has(word)) return false
  const { word: after, end } = wordAt(text, next)
  if (/^\d+$/.test(word) && text.slice(start, index).trim() === word) return false
  if (numbered.has(word)) return !/^(?:\p{N}+|[IVXLC]+)$/u.test(after)
  if (word === 'e.g' || word === 'i.e') return false
  const initial = /^\p{Lu}$/u.test(word)
  if (!initial && !either.has(word) && !dotted.test(word)) return true
  const anotherInitial = after.length === 1 && text[end] === '.'
  return starters.has(after) && !anotherInitial
}

function wordAt(text: string, index: number): { word: string; other: string; end: number } {
  following.lastIndex = index
  const match = following.exec(text)
  return { word: match?.[1] ?? '', other: match?.[2] ?? ' ', end: following.lastIndex }
}

function words(list: string): Set<string> {
  return new Set(list.trim().split(/\s+/))
}
