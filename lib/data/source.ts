import { EverlearnError } from '../error.ts'
import { type Corpus, openCorpus } from './corpus.ts'
import { loadTask, type TaskDescription } from './load-task.ts'
import type { Task } from './task.ts'

/** Everything that the content of a step depends on besides its plan. */
export interface DataSource {
  seed: number
  /** Most tokens of an input, specials included, at most 512. */
  maxLength: number
  corpora: Record<string, Corpus>
  tasks: Record<string, Task>
}

/** A {@link DataSource} in words that can be sent to a worker. */
export interface SourceDescription {
  seed: number
  maxLength: number
  corpora: { name: string; directory: string }[]
  tasks: TaskDescription[]
}

/**
 * Opens the corpora and makes the tasks.
 *
 * @throws EverlearnError what openCorpus and loadTask throw; `CORPORA_DIFFER` when vocabularies are not the same;
 * `TASK_TWICE` and `CORPUS_TWICE` for names that are not unique
 */
export async function openSource(description: SourceDescription): Promise<DataSource> {
  const { seed, maxLength } = description
  const tasks: Record<string, Task> = {}
  for (const each of description.tasks) {
    const task = await loadTask(each)
    if (Object.hasOwn(tasks, task.name)) {
      throw new EverlearnError(
        'TASK_TWICE',
        `two tasks are called ${task.name}; give one of them another name`,
      )
    }
    tasks[task.name] = task
  }
  const corpora: Record<string, Corpus> = {}
  for (const { name, directory } of description.corpora) {
    if (Object.hasOwn(corpora, name)) {
      throw new EverlearnError(
        'CORPUS_TWICE',
        `two corpora are called ${name}; give one of them another name`,
      )
    }
    corpora[name] = openCorpus(directory)
  }
  const [first, ...others] = Object.values(corpora)
  for (const other of others) {
    if (other.vocabulary.sha256 !== first.vocabulary.sha256) {
      throw new EverlearnError(
        'CORPORA_DIFFER',
        `${other.directory} was prepared with another vocabulary (${other.vocabulary.size} pieces) than ` +
          `${first.directory} (${first.vocabulary.size}); prepare both with the same one`,
      )
    }
  }
  return { seed, maxLength, corpora, tasks }
}

export function closeSource(source: DataSource): void {
  for (const corpus of Object.values(source.corpora)) corpus.close()
}
