/** An error the user can act on: the message says what was found, what was wanted and what to do next. */
export class EverlearnError extends Error {
  override readonly name = 'EverlearnError'
  /** Stable, machine-readable kind of the error, such as `CORPUS_CORRUPT`. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
