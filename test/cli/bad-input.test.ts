import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'ava'
import { main } from '../../lib/cli/main.ts'
import { pretrain } from '../../lib/train/pretrain.ts'
import { type Ended, runCommand } from '../helpers/command-line.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyPlan, tinyRunPlan } from '../helpers/tiny-run.ts'

interface Case {
  what: string
  /** Puts what is wrong into a folder that has text.txt, vocab.txt, corpus/, plan.json and a finished run/. */
  spoil?(folder: string): void
  args: string[]
  message: RegExp
  /** No process of its own. */
  inProcess?: true
}

const prepare = ['prepare', 'text.txt', '--vocab', 'vocab.txt', '--language', 'en', '--out', 'new']
const pretrainNew = ['pretrain', 'plan.json', '--out', 'new']

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

function flip(file: string): void {
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(file, bytes)
}

const plan = (changes: object) => (folder: string) =>
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify({ ...tinyPlan, ...changes }))

const last = 'run/checkpoints/step-00000004-stage-2'

const cases: Case[] = [
  {
    what: 'a text that is not UTF-8',
    spoil: (folder) => writeFileSync(path.join(folder, 'text.txt'), Buffer.from([0x61, 0xff, 0xfe, 0x0a])),
    args: prepare,
    message: /text\.txt.*UTF-8/,
  },
  {
    what: 'an empty corpus',
    spoil: (folder) => writeFileSync(path.join(folder, 'text.txt'), '\n \n'),
    args: prepare,
    message: /no text|empty|no document/,
  },
  {
    what: 'a vocabulary without [MASK]',
    spoil: (folder) => edit(path.join(folder, 'vocab.txt'), (text) => text.replace('[MASK]', '[MOSK]')),
    args: prepare,
    message: /vocab\.txt .*lacks \[MASK\]/,
  },
  {
    what: 'an out directory that exists, for prepare',
    inProcess: true,
    args: [...prepare.slice(0, -1), 'corpus'],
    message: /corpus exists/,
  },
  {
    what: 'an unknown language',
    inProcess: true,
    args: [...prepare, '--language', 'fr'],
    message: /language.*"fr".*"en", "zh"/,
  },
  {
    what: 'a plan with an unknown task',
    spoil: plan({ tasks: ['sentence-distanse'] }),
    args: pretrainNew,
    message: /there is no task "sentence-distanse".*sentence-distance/,
  },
  {
    what: 'a plan with an unknown key',
    spoil: plan({ tokenPerStep: 5 }),
    args: pretrainNew,
    message: /plan\.json: unknown key "tokenPerStep"; did you mean "tokensPerStep"/,
  },
  {
    what: 'a task with an unknown option',
    inProcess: true,
    spoil: plan({ tasks: [{ task: 'knowledge-masking', probabilty: 0.2 }] }),
    args: pretrainNew,
    message: /options of knowledge-masking.*"probabilty"/,
  },
  {
    what: 'a table with an unknown task',
    inProcess: true,
    spoil: plan({ iterations: [{ masking: 5 }] }),
    args: pretrainNew,
    message: /stage 1 has a budget for masking, which is no task of the plan/,
  },
  {
    what: 'iterations of an unknown task',
    inProcess: true,
    spoil: plan({ iterations: { 'knowledge-masking': 5, 'sentence-distanse': 5 } }),
    args: pretrainNew,
    message: /iterations has "sentence-distanse".*did you mean "sentence-distance"/,
  },
  {
    what: 'a corpus for an unknown task',
    inProcess: true,
    spoil: plan({ corpora: { tiny: { path: 'corpus/train', tasks: ['maskin'] } } }),
    args: pretrainNew,
    message: /the corpus tiny is given to the task "maskin"/,
  },
  {
    what: 'a plan that is not JSON',
    inProcess: true,
    spoil: (folder) => edit(path.join(folder, 'plan.json'), (text) => text.slice(0, -1)),
    args: pretrainNew,
    message: /plan\.json is not JSON/,
  },
  {
    what: 'a plan that is not there',
    inProcess: true,
    args: ['pretrain', 'plans.json', '--out', 'new'],
    message: /cannot read the plan plans\.json/,
  },
  {
    what: 'a corpus that is not there',
    inProcess: true,
    spoil: plan({ corpora: { tiny: 'corpora' } }),
    args: pretrainNew,
    message: /corpora/,
  },
  {
    what: 'a corpus whose checksum differs',
    spoil: (folder) => {
      const piece = readdirSync(path.join(folder, 'corpus/train'), { recursive: true, withFileTypes: true })
      const tokens = piece.find((entry) => entry.name.startsWith('tokens'))
      flip(path.join(tokens!.parentPath, tokens!.name))
    },
    args: pretrainNew,
    message: /corpus\/train\/.*tokens.*(sha256|checksum|changed)/,
  },
  {
    what: 'a model to continue from that is cut short',
    spoil: (folder) => {
      plan({ encoder: { from: last } })(folder)
      const file = path.join(folder, last, 'model.safetensors')
      writeFileSync(file, readFileSync(file).subarray(0, -100))
    },
    args: pretrainNew,
    message: /model\.safetensors is not a whole safetensors file/,
  },
  {
    what: 'a model to continue from with another vocabulary',
    inProcess: true,
    spoil: (folder) => {
      plan({ encoder: { from: last } })(folder)
      edit(path.join(folder, last, 'vocab.txt'), (text) => text.replace('##z', '##zz'))
    },
    args: pretrainNew,
    message: /prepared with another vocabulary .* than .*vocab\.txt/,
  },
  {
    what: 'an out directory that exists',
    args: ['pretrain', 'plan.json', '--out', 'run'],
    message: /run exists; continue it with `everlearn resume run` or choose another --out/,
  },
  {
    what: 'an out directory that is no run',
    inProcess: true,
    args: ['pretrain', 'plan.json', '--out', 'corpus'],
    message: /corpus exists; it is no run, so choose another --out/,
  },
  { what: 'a run that is none', inProcess: true, args: ['resume', 'corpus'], message: /corpus is no run/ },
  {
    what: 'a checkpoint that is not there',
    inProcess: true,
    args: ['resume', 'run', '--checkpoint', 'step-00000009'],
    message: /no checkpoint step-00000009; it has step-00000002-stage-1, step-00000004-stage-2/,
  },
  {
    what: 'a flipped bit in a checkpoint',
    spoil: (folder) => flip(path.join(folder, last, 'optimizer.safetensors')),
    args: ['resume', 'run'],
    message: /step-00000004-stage-2\/optimizer\.safetensors has changed/,
  },
  {
    what: 'a changed plan',
    inProcess: true,
    spoil: (folder) =>
      edit(path.join(folder, 'run/plan.json'), (text) => text.replace('"seed": 1', '"seed": 2')),
    args: ['resume', 'run'],
    message: /the plan \(run\/plan\.json\) has changed since run was begun/,
  },
  {
    what: 'a changed corpus',
    inProcess: true,
    spoil: (folder) => {
      cpSync(path.join(folder, 'corpus/held-out'), path.join(folder, 'corpus/train'), {
        recursive: true,
        force: true,
      })
    },
    args: ['resume', 'run'],
    message: /the corpus tiny has changed since run was begun/,
  },
  {
    what: 'an unknown command',
    inProcess: true,
    args: ['pretrian'],
    message: /there is no command pretrian; did you mean "pretrain"/,
  },
  {
    what: 'an unknown option',
    inProcess: true,
    args: [...pretrainNew, '--quite'],
    message: /Unknown argument: quite; see everlearn --help/,
  },
  { what: 'no command', args: [], message: /no command was given/ },
  {
    what: 'a missing option',
    inProcess: true,
    args: ['pretrain', 'plan.json'],
    message: /Missing required argument: out/,
  },
]

const template = mkdtempSync(path.join(tmpdir(), 'everlearn-'))
test.after.always(() => rmSync(template, { recursive: true }))

test.before(async () => {
  await tinyCorpus(template)
  plan({})(template)
  const changes = { iterations: 2, checkpoint: { every: 0 } }
  const run = await pretrain(tinyRunPlan(template, changes), path.join(template, 'run'))
  await run.trainer.run()
  run.close()
})

for (const { what, spoil, args, message, inProcess } of cases) {
  test.serial(`${what}: one line, exit code 2, nothing left behind`, async (t) => {
    const folder = path.join(temporaryFolder(t), 'work')
    mkdirSync(folder)
    cpSync(template, folder, { recursive: true })
    edit(path.join(folder, 'run/plan.json'), (text) => text.replaceAll(template, folder))
    spoil?.(folder)
    const before = filesBelow(folder)
    const run = inProcess ? runHere : runCommand
    const { code, stderr, stdout } = await run(args, { cwd: folder })
    t.is(code, 2, stderr)
    t.regex(stderr, message)
    t.regex(stderr, /^everlearn: .*\n$/)
    t.is(stdout, '')
    t.deepEqual(filesBelow(folder), before)
    t.false(existsSync(path.join(folder, 'new')))
  })
}

/** As runCommand, in this process: a second faster, for what does not depend on the process. */
async function runHere(args: string[], { cwd }: { cwd: string }): Promise<Ended> {
  const output = { stdout: '', stderr: '' }
  const { write } = process.stderr
  const before = process.cwd()
  process.chdir(cwd)
  process.stderr.write = (text) => {
    output.stderr += text
    return true
  }
  try {
    return { code: await main(args), ...output }
  } finally {
    process.stderr.write = write
    process.chdir(before)
  }
}
