import { type Corpus, EverlearnError, type Language } from '../../lib/index.ts'
import { markerNames, noConnective } from './discourse-markers.ts'

/** The task's name. */
export const name = 'discourse-relation'

/** The class of a label, which may be spelled as in Discovery's files: `as_a_result,`; -1 where it is none. */
export function classOf(label: string, classNames: readonly string[]): number {
  const exact = classNames.indexOf(label)
  return exact >= 0 ? exact : classNames.indexOf(label.replaceAll('_', ' ').replace(/,$/, ''))
}

/** Refuses a corpus of pairs that has no labels, or some that are no classes. */
export function checkLabels(corpus: Corpus, classNames: readonly string[]): void {
  const { directory, labels } = corpus
  if (labels.length === 0) {
    throw new EverlearnError(
      'LABEL_UNKNOWN',
      `${name} needs labelled pairs, but those of ${directory} have no labels; prepare them with their column of labels`,
    )
  }
  const unknown = labels.filter((label) => classOf(label, classNames) < 0)
  if (unknown.length === 0) return
  throw new EverlearnError(
    'LABEL_UNKNOWN',
    `${unknown.length} of the ${labels.length} labels of ${directory} are no classes of ${name}: ${unknown.join(', ')}; ` +
      `name its classes in the plan: { task: '${name}', labels: ${JSON.stringify(labels)} }`,
  )
}

/** Refuses text of another language, and classes none of which can be found in text. */
export function checkLanguage(corpus: Corpus, language: Language, classNames: readonly string[]): void {
  const found = corpus.manifest.language
  if (found !== language) {
    throw new EverlearnError(
      'TASK_LANGUAGE',
      `${name} is to look for the markers of language "${language}", but ${corpus.directory} is of language "${found}"; ` +
        `give it language: '${found}', as a task of its own if the plan has both`,
    )
  }
  const markers = markerNames(language).filter((marker) => marker !== noConnective)
  if (classNames.some((each) => markers.includes(each))) return
  throw new EverlearnError(
    'LABEL_UNKNOWN',
    `none of the classes of ${name} (${classNames.join(', ')}) is a marker that could be found in the text of ` +
      `${corpus.directory}; give it labelled pairs, or leave its option labels out`,
  )
}
