// ERNIE 2.0 for English with the settings of the paper (sections 4.2 and 4.3). What it comes to, before anything is there:
//   everlearn pretrain examples/ernie-2.0-en.ts --dry-run --tokens-per-second 60000 --gpus 48
// `ERNIE_SIZE=large` before it is the large model. The corpora are Table 2's, 30,522 pieces in lower case the released
// models' (discovery/train.tsv: sileod/Discovery):
//   everlearn vocab 'text/en/*/*.txt' --size 30522 --out vocab-en.txt
//   for kind in encyclopedia books dialogues; do everlearn prepare "text/en/$kind/*.txt" --vocab vocab-en.txt \
//     --language en --annotate --held-out 0.001 --out runs/ernie-2.0-en/$kind; done
//   everlearn prepare discovery/train.tsv --pairs --columns first=sentence1,second=sentence2,label=label \
//     --vocab vocab-en.txt --language en --held-out 0.01 --out runs/ernie-2.0-en/discourse
import type { Plan } from '../lib/index.ts'
import { masking, settings } from './ernie-2.0/settings.ts'

const structure = ['sentence-reordering', 'sentence-distance']
const text = ['knowledge-masking', 'capitalization', 'token-document', ...structure]
const corpora = (part: 'train' | 'held-out') => {
  const at = (name: string) => `../runs/ernie-2.0-en/${name}/${part}`
  return {
    encyclopedia: { path: at('encyclopedia'), tasks: text },
    books: { path: at('books'), tasks: text },
    dialogues: { path: at('dialogues'), tasks: text },
    discourse: { path: at('discourse'), tasks: ['discourse-relation'] },
  }
}
const { encyclopedia, books, dialogues, discourse } = corpora('train')

export default {
  name: 'ernie-2.0-en',
  encoder: (process.env.ERNIE_SIZE ?? 'base') as 'base' | 'large',
  // Table 1: which tasks a corpus serves. Weights: Table 2's sizes in millions of tokens.
  corpora: {
    encyclopedia: { ...encyclopedia, weight: 2021 },
    books: { ...books, weight: 805 },
    dialogues: { ...dialogues, weight: 4908 },
    discourse: { ...discourse, weight: 171 },
  },
  heldOut: corpora('held-out'),
  // Knowledge masking first.
  tasks: [masking, ...text.slice(1), 'discourse-relation'],
  ...settings(5e-5),
} satisfies Plan
