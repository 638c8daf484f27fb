import { createBm25 } from './bm25.ts'

/** A row of the task ir-relevance. */
export interface RelevanceRow {
  query: string
  title: string
  /** `clicked`, `shown` or `random`. */
  label: string
}

/**
 * Rows labelled `shown` for queries that have clicked titles: the titles which a search by BM25 finds best for the
 * query, without those that stand in its rows already. A substitute for titles that were shown and not clicked, where a
 * set has only what is relevant; some of them may be relevant too.
 *
 * @param titles that are searched, by default those of the rows
 * @param perQuery at most so many rows for each query
 */
export function shownNegatives(
  rows: readonly RelevanceRow[],
  {
    titles = rows.map(({ title }) => title),
    perQuery = 4,
  }: { titles?: readonly string[]; perQuery?: number } = {},
): RelevanceRow[] {
  const different = [...new Set(titles)]
  const { search } = createBm25(different)
  const known = new Map<string, Set<string>>()
  const clicked = new Set<string>()
  for (const { query, title, label } of rows) {
    const own = known.get(query) ?? new Set()
    known.set(query, own.add(title))
    if (label === 'clicked') clicked.add(query)
  }
  return [...clicked].flatMap((query) =>
    search(query, perQuery, (text) => !known.get(query)?.has(different[text])).map(({ text }) => ({
      query,
      title: different[text],
      label: 'shown',
    })),
  )
}
