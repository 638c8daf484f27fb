// ERNIE 2.0 for Chinese with the settings of the paper (sections 4.2 and 4.3). What it comes to, before anything is there:
//   everlearn pretrain examples/ernie-2.0-zh.ts --dry-run --pieces 18000 --tokens-per-second 60000 --gpus 48
// `ERNIE_SIZE=large` before it: the large model. No upper case, so no capitalization. Table 2's corpora, 18,000 pieces:
//   everlearn vocab 'text/zh/*/*.txt' --language zh --size 18000 --out vocab-zh.txt
//   for kind in encyclopedia news dialogues; do everlearn prepare "text/zh/$kind/*.txt" --vocab vocab-zh.txt \
//     --language zh --annotate --held-out 0.001 --out runs/ernie-2.0-zh/$kind; done
//   everlearn prepare discourse.tsv --pairs --columns first=first,second=second,label=marker --vocab vocab-zh.txt \
//     --language zh --held-out 0.01 --out runs/ernie-2.0-zh/discourse
//   everlearn prepare clicks.tsv --pairs --columns first=query,second=title,label=click --labels 0=clicked,1=shown \
//     --vocab vocab-zh.txt --language zh --held-out 0.001 --out runs/ernie-2.0-zh/search
import type { Plan } from '../lib/index.ts'
import { masking, settings } from './ernie-2.0/settings.ts'

const text = ['knowledge-masking', 'token-document', 'sentence-reordering', 'sentence-distance']
const corpora = (part: 'train' | 'held-out') => {
  const at = (name: string) => `../runs/ernie-2.0-zh/${name}/${part}`
  return {
    encyclopedia: { path: at('encyclopedia'), tasks: text },
    news: { path: at('news'), tasks: text },
    dialogues: { path: at('dialogues'), tasks: text },
    discourse: { path: at('discourse'), tasks: ['discourse-relation'] },
    search: { path: at('search'), tasks: ['ir-relevance'] },
  }
}
const { encyclopedia, news, dialogues, discourse, search } = corpora('train')

export default {
  name: 'ernie-2.0-zh',
  encoder: { size: (process.env.ERNIE_SIZE ?? 'base') as 'base' | 'large', activation: 'relu' },
  // Table 1: which tasks a corpus serves. Weights: Table 2's sizes in millions of tokens.
  corpora: {
    encyclopedia: { ...encyclopedia, weight: 7378 },
    news: { ...news, weight: 1478 },
    dialogues: { ...dialogues, weight: 522 },
    discourse: { ...discourse, weight: 1110 },
    search: { ...search, weight: 4500 },
  },
  heldOut: corpora('held-out'),
  // Knowledge masking first.
  tasks: [masking, ...text.slice(1), { task: 'discourse-relation', language: 'zh' }, 'ir-relevance'],
  ...settings(1.28e-4),
} satisfies Plan
