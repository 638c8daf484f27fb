import { join } from 'node:path'
import { createSpanAnnotation, type SpanAnnotation } from './annotate/span-annotation.ts'
import { type CorpusWriter, createCorpusWriter, tokenTypeOf } from './corpus-writer.ts'
import type { BadRows, EncodedChunk } from './encode-chunk.ts'
import { createEncodePool, type EncodePool } from './encode-pool.ts'
import { type Chunk, chunksOf, type InputPart } from './inputs/chunks.ts'
import type { CorpusCounts, CorpusPiece } from './manifest.ts'
import type { PrepareJob, PrepareOptions } from './prepare-options.ts'

/** Corpora on disk that lack only their manifests, in the order of {@link PrepareJob.names}. */
export interface Filled {
  pieces: CorpusPiece[][]
  counts: CorpusCounts[]
  /** Unpacked size of the text. */
  bytes: number
  bad: BadRows
}

/**
 * Encodes parts of inputs into pieces below `directory`. Chunks are read here, encoded by the threads and written here
 * again in their order, so the files are the same for any number of threads; memory does not grow with the text.
 *
 * @param prefix of the names of the pieces
 */
export async function fillCorpora(
  job: PrepareJob,
  options: PrepareOptions,
  parts: readonly InputPart[],
  directory: string,
  prefix: string,
): Promise<Filled> {
  const { tokensPerPiece = 2 ** 26 } = options
  const tokenType = tokenTypeOf(job.vocabulary)
  const bad: BadRows = { count: 0, first: null }
  let bytes = 0
  const progress = createProgress(parts, options)
  const writers: CorpusWriter[] = []
  let spans: SpanAnnotation | undefined
  let pool: EncodePool | undefined
  const take = (chunk: EncodedChunk) => {
    for (const [index, documents] of chunk.corpora.entries()) writers[index].append(documents)
    bytes += chunk.bytes
    bad.count += chunk.bad.count
    bad.first ??= chunk.bad.first
    progress.report(writers)
  }
  try {
    if (options.spans !== undefined)
      spans = createSpanAnnotation(options.spans, parts.at(-1), job.encode.reading)
    for (const name of job.names) {
      writers.push(createCorpusWriter(join(directory, name), { tokenType, tokensPerPiece, prefix }))
    }
    pool = await createEncodePool(job.encode, job.threads, spans?.annotate)
    const waiting: Promise<EncodedChunk>[] = []
    for await (const chunk of chunksOfParts(parts, job, progress)) {
      options.signal?.throwIfAborted()
      if (waiting.length >= pool.ahead) take(await (waiting.shift() as Promise<EncodedChunk>))
      await spans?.begin(chunk)
      const encoded = pool.encode(chunk)
      // Whoever awaits it hears of a failure; until then it is not unhandled.
      encoded.catch(() => {})
      waiting.push(encoded)
    }
    for (const encoded of waiting) take(await encoded)
    await spans?.finish()
    return {
      pieces: writers.map((writer) => writer.finish()),
      counts: writers.map((writer) => writer.counts),
      bytes,
      bad,
    }
  } finally {
    await pool?.close()
    await spans?.close()
    for (const writer of writers) writer.close()
  }
}

type Progress = ReturnType<typeof createProgress>

async function* chunksOfParts(
  parts: readonly InputPart[],
  { encode }: PrepareJob,
  progress: Progress,
): AsyncGenerator<Chunk> {
  for (const part of parts) {
    progress.begin(part)
    yield* chunksOf(part, encode.reading, progress.onRead)
  }
}

function createProgress(parts: readonly InputPart[], { onProgress }: PrepareOptions) {
  const began = performance.now()
  const sum = parts.reduce((bytes, { start, end }) => bytes + end - start, 0)
  const bytesTotal = Number.isFinite(sum) ? sum : null
  let file = ''
  let bytesRead = 0
  return {
    begin({ input }: InputPart) {
      file = input.title
    },
    onRead(bytes: number) {
      bytesRead += bytes
    },
    report(writers: readonly CorpusWriter[]) {
      const count = (name: 'documents' | 'tokens') =>
        writers.reduce((total, { counts }) => total + counts[name], 0)
      const seconds = (performance.now() - began) / 1000
      onProgress?.({
        file,
        bytesRead,
        bytesTotal,
        documents: count('documents'),
        tokens: count('tokens'),
        seconds,
      })
    },
  }
}
