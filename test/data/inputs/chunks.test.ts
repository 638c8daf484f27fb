import { gzipSync } from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import { chunksOf, documentsOf, type InputPart } from '../../../lib/data/inputs/chunks.ts'
import { findInputs } from '../../../lib/data/inputs/find-inputs.ts'
import { defaultReading } from '../../../lib/data/inputs/input.ts'
import { fileWriter, scratch } from '../../helpers/directory.ts'
import { parquetFile } from '../../helpers/write-parquet.ts'

const fileOf = fileWriter(scratch(test))

/** The documents of the parts of a file that meet at `cuts`. */
async function inParts(path: string, cuts: number[]): Promise<string[]> {
  const [input] = findInputs([path])
  const places = [0, ...cuts, input.size as number]
  const found: string[] = []
  for (let index = 0; index + 1 < places.length; index++) {
    const part: InputPart = { input, start: places[index], end: places[index + 1] }
    for await (const chunk of chunksOf(part, defaultReading)) {
      for await (const { paragraphs } of documentsOf(chunk, defaultReading, (t) => {
        throw t
      }))
        found.push(paragraphs.join('|'))
    }
  }
  return found
}

test('parts that meet anywhere hold every document once, in order', async (t) => {
  const line = fc.constantFrom('a', 'bb', '中', '', '', ' ', '\u3000', '\r')
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(60), { maxLength: 4 }), async (text, cuts) => {
      const path = fileOf('a.txt', text)
      const whole = await inParts(path, [])
      const half = text.length >> 1
      const members = [text.slice(0, half), text.slice(half)].map((part) => gzipSync(part, { level: 0 }))
      for (const content of [text, gzipSync(text), Buffer.concat(members)]) {
        const path = fileOf('a.txt', content)
        const size = Buffer.byteLength(content)
        const places = cuts.map((cut) => Math.min(cut, size)).sort((a, b) => a - b)
        t.deepEqual(await inParts(path, places), whole)
      }
    }),
    { numRuns: 120 },
  )
  const objects = Array.from({ length: 9 }, (_, id) => JSON.stringify({ text: `t${id}` }))
  for (const content of [objects.join('\n'), gzipSync(objects.join('\n'), { level: 0 })]) {
    const jsonl = fileOf('a.jsonl', content)
    for (let cut = 0; cut < content.length; cut += 3)
      t.deepEqual(
        await inParts(jsonl, [cut]),
        objects.map((line) => JSON.parse(line).text),
      )
  }
  const values = Array.from({ length: 50 }, (_, id) => `text ${id}`)
  const parquet = fileOf('a.parquet', parquetFile([{ name: 'text', values }], { rowsPerGroup: 7 }))
  for (const cuts of [[100], [300, 301, 900]]) t.deepEqual(await inParts(parquet, cuts), values)
})

test('an error in a part names the line of the file', async (t) => {
  const text = `${'{"text":"a"}\n'.repeat(5)}{"text":\n`
  for (const content of [text, gzipSync(text, { level: 0 })]) {
    const [input] = findInputs([fileOf('a.jsonl', content)])
    const end = input.size as number
    await t.throwsAsync(
      async () => {
        for await (const chunk of chunksOf({ input, start: 50, end }, defaultReading)) {
          t.true(chunk.bytes && chunk.bytes.offset > 0)
          for await (const _ of documentsOf(chunk, defaultReading, (error) => {
            throw error
          }))
            t.pass()
        }
      },
      { message: /a\.jsonl line 6 is not a JSON object/ },
    )
  }
})
