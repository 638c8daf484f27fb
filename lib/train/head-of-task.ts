import type { Task } from '../data/task.ts'
import type { HeadSpec } from '../nn/heads/head.ts'

/** The head that a task trains. */
export function headOfTask(task: Task): HeadSpec {
  if (task.kind === 'sentence') return { kind: 'sentence-classification', classes: task.classNames.length }
  if (task.head.kind === 'masked-language-model') return { kind: 'masked-language-model' }
  return { kind: 'token-classification', classes: task.head.classNames.length }
}
