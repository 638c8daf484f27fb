import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { jsonText, writeDurably } from '../../lib/train/durable.ts'

/** What a JSON file holds; where there is none yet, it is made and kept there. */
export async function kept<T>(file: string, make: () => Promise<T>): Promise<T> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const made = await make()
  mkdirSync(path.dirname(file), { recursive: true })
  await writeDurably(file, jsonText(made))
  return made
}
