import { EverlearnError } from '../error.ts'
import type { PairColumns } from './inputs/input.ts'
import { readDocuments } from './inputs/read-documents.ts'
import type { RelevanceRow } from './shown-negatives.ts'

/** Labels by what stands in a file: their name or their class. */
const labels = Object.fromEntries(
  ['clicked', 'shown', 'random'].flatMap((label, index) => [
    [label, label],
    [String(index), label],
  ]),
)

/**
 * Rows of a query and a title, TSV or JSONL.
 *
 * @param columns without a label every row is clicked
 * @param onBadRow told of each row that cannot be used, which is left out; by default the first one is thrown
 * @throws EverlearnError `ROW_INVALID`, `COLUMN_MISSING` and what reading a file throws, naming file and line
 */
export async function readRelevanceRows(
  path: string,
  columns: Pick<PairColumns, 'first' | 'second' | 'label'>,
  onBadRow?: (error: Error) => void,
): Promise<RelevanceRow[]> {
  const rows: RelevanceRow[] = []
  for await (const { paragraphs, label = 'clicked' } of readDocuments([path], {
    pairs: { ...columns, labels },
    onBadRow,
  })) {
    // JSON may hold tabs and line ends, which rows of TSV cannot.
    const [query, title] = paragraphs.map((text) => text.trim().replace(/\s+/g, ' '))
    rows.push({ query, title, label })
  }
  if (rows.length > 0) return rows
  throw new EverlearnError('ROW_INVALID', `${path} has no rows; give a file of queries and titles`)
}
