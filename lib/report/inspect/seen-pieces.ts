import type { SampleWord } from './inspection.ts'

/** What became of a piece: it was not drawn, or it is hidden, replaced by another, or left as it is. */
export type Fate = 'none' | 'mask' | 'other' | 'kept'

export interface SeenPiece {
  /** As it is shown: `[MASK]`, `~piece` for another one, `=piece` for one that was left. */
  text: string
  fate: Fate
}

/** What the encoder sees of a word, piece by piece; null where no piece was drawn. */
export function seenPieces({ pieces, seen }: Pick<SampleWord, 'pieces' | 'seen'>): SeenPiece[] | null {
  if (seen.every((piece) => piece === null)) return null
  return pieces.map((piece, index) => {
    const now = seen[index]
    if (now === null) return { text: piece, fate: 'none' }
    if (now === '[MASK]') return { text: now, fate: 'mask' }
    return now === piece ? { text: `=${now}`, fate: 'kept' } : { text: `~${now}`, fate: 'other' }
  })
}
