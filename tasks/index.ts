import type { Task } from '../lib/index.ts'
import { capitalization } from './pretrain/capitalization.ts'
import { discourseRelation } from './pretrain/discourse-relation.ts'
import { irRelevance } from './pretrain/ir-relevance.ts'
import { knowledgeMasking } from './pretrain/knowledge-masking.ts'
import { sentenceDistance } from './pretrain/sentence-distance.ts'
import { sentenceReordering } from './pretrain/sentence-reordering.ts'
import { tokenDocument } from './pretrain/token-document.ts'

export * from './pretrain/capitalization.ts'
export * from './pretrain/discourse-relation.ts'
export * from './pretrain/ir-relevance.ts'
export * from './pretrain/knowledge-masking.ts'
export * from './pretrain/sentence-distance.ts'
export * from './pretrain/sentence-reordering.ts'
export * from './pretrain/token-document.ts'

/** The built-in pre-training tasks by the name that a plan uses. */
export const pretrainingTasks: Record<string, (options?: object) => Task> = {
  'knowledge-masking': knowledgeMasking,
  capitalization,
  'token-document': tokenDocument,
  'sentence-reordering': sentenceReordering,
  'sentence-distance': sentenceDistance,
  'discourse-relation': discourseRelation,
  'ir-relevance': irRelevance,
}
