import type { LstmEncoder } from './lstm-encoder.ts'
import type { TransformerEncoder } from './transformer-encoder.ts'

/** An encoder that a plan can name. */
export type AnyEncoder = TransformerEncoder | LstmEncoder
