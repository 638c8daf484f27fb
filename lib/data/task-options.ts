import { z } from 'zod'
import { EverlearnError } from '../error.ts'

/**
 * A task's options, checked and with defaults filled in.
 *
 * @throws EverlearnError `TASK_OPTIONS`, naming the task and every option that is wrong
 */
export function readOptions<Schema extends z.ZodType>(
  task: string,
  schema: Schema,
  given: unknown,
): z.output<Schema> {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw new EverlearnError(
    'TASK_OPTIONS',
    `the options of ${task} are wrong: ${z.prettifyError(result.error)}`,
  )
}
