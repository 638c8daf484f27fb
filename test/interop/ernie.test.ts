import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type LoadErnieOptions, loadErnie } from '../../lib/interop/load-ernie.ts'
import { loadModelTensors, modelTensors } from '../../lib/interop/model-tensors.ts'
import { readSafetensors } from '../../lib/interop/read-safetensors.ts'
import { floatValues } from '../../lib/interop/safetensors.ts'
import { saveErnie } from '../../lib/interop/save-ernie.ts'
import { type TensorToWrite, writeSafetensors } from '../../lib/interop/write-safetensors.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { scratch } from '../helpers/directory.ts'
import { goldensDirectory } from '../helpers/goldens.ts'
import { smallModel, smallVocabulary } from '../helpers/small-model.ts'

const device = await openDevice()
const newDirectory = scratch(test)
const tiny = `${goldensDirectory}ernie-tiny`

function load(t: ExecutionContext, directory: string, options: LoadErnieOptions = {}) {
  const loaded = loadErnie(device, directory, options)
  t.teardown(() => loaded.model.dispose())
  return loaded
}

/** The tiny model's folder with other tensors and other configuration. */
function variant(
  change: (name: string, tensor: TensorToWrite) => [string, TensorToWrite] | null,
  config: Record<string, unknown> = {},
): string {
  const directory = newDirectory()
  const file = join(tiny, 'model.safetensors')
  const tensors = [...readSafetensors(file).tensors].flatMap(([name, tensor]) => {
    const changed = change(name, { shape: tensor.shape, data: floatValues(tensor, name, file) })
    return changed ? [changed] : []
  })
  writeSafetensors(join(directory, 'model.safetensors'), Object.fromEntries(tensors))
  const json = JSON.parse(readFileSync(join(tiny, 'config.json'), 'utf8'))
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ ...json, ...config }))
  return directory
}

const tensorsOf = async (loaded: { model: Parameters<typeof modelTensors>[0] }) =>
  Object.fromEntries(await modelTensors(loaded.model, { nextSentence: 'next-sentence' }))

test.serial('a folder is loaded and saved without a change of any tensor', async (t) => {
  const { model, vocabularyFile, lowerCase } = load(t, tiny)
  t.is(vocabularyFile, null)
  t.is(lowerCase, null)
  const out = join(newDirectory(), 'deep', 'out')
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the']
  await saveErnie(model, out, { vocabulary, lowerCase: true, nextSentence: 'next-sentence' })
  t.deepEqual(readdirSync(out).sort(), [
    'config.json',
    'model.safetensors',
    'tokenizer_config.json',
    'vocab.txt',
  ])
  const before = readSafetensors(join(tiny, 'model.safetensors'))
  const after = readSafetensors(join(out, 'model.safetensors'))
  t.is(after.metadata.format, 'pt')
  t.deepEqual([...after.tensors.keys()].sort(), [...before.tensors.keys()].sort())
  for (const [name, tensor] of before.tensors) {
    const copy = after.tensors.get(name)!
    t.deepEqual(copy.shape, tensor.shape, name)
    t.deepEqual(Buffer.from(copy.bytes), Buffer.from(tensor.bytes), name)
  }
  const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))
  const original = JSON.parse(readFileSync(join(tiny, 'config.json'), 'utf8'))
  for (const [key, value] of Object.entries(config)) t.deepEqual(value, original[key], key)
  t.is(readFileSync(join(out, 'vocab.txt'), 'utf8'), `${vocabulary.join('\n')}\n`)
  const tokenizer = JSON.parse(readFileSync(join(out, 'tokenizer_config.json'), 'utf8'))
  t.like(tokenizer, { tokenizer_class: 'BertTokenizer', do_lower_case: true })

  const again = load(t, out)
  t.is(again.vocabularyFile, join(out, 'vocab.txt'))
  t.is(again.lowerCase, true)
  await t.throwsAsync(saveErnie(model, out, { vocabulary, lowerCase: true }), {
    code: 'OUT_EXISTS',
    message: /out/,
  })
})

test.serial('older names, another prefix and tensors of other models do no harm', async (t) => {
  const expected = await tensorsOf(load(t, tiny))
  for (const prefix of ['bert.', '']) {
    const directory = variant((name, tensor) => [
      name
        .replace(/^ernie\./, prefix)
        .replace('LayerNorm.weight', 'LayerNorm.gamma')
        .replace('LayerNorm.bias', 'LayerNorm.beta')
        .replace('cls.predictions.bias', 'cls.predictions.decoder.bias'),
      tensor,
    ])
    t.deepEqual(await tensorsOf(load(t, directory)), expected, prefix)
  }
  const more = variant((name, tensor) => [name, tensor])
  const found = Object.fromEntries(
    [...readSafetensors(join(more, 'model.safetensors')).tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: floatValues(tensor, name, more) },
    ]),
  )
  writeSafetensors(join(more, 'model.safetensors'), {
    ...found,
    'qa_outputs.weight': { shape: [2], data: Float32Array.of(1, 2) },
  })
  t.deepEqual(await tensorsOf(load(t, more)), expected)
})

test.serial('pooler and heads may be missing', (t) => {
  const encoderOnly = variant((name, tensor) =>
    name.startsWith('cls.') || name.includes('.pooler.') ? null : [name, tensor],
  )
  t.is(load(t, encoderOnly).model.heads.size, 0)
  const renamed = load(t, tiny, { maskedLanguageModel: 'masking', nextSentence: null }).model
  t.deepEqual([...renamed.heads.keys()], ['masking'])
})

test.serial(
  'rows of the task and segment embedding that are missing are drawn from N(0, 0.02)',
  async (t) => {
    const names = {
      segment: 'ernie.embeddings.token_type_embeddings.weight',
      task: 'ernie.embeddings.task_type_embeddings.weight',
    }
    const stored = await tensorsOf(load(t, tiny))
    const wide = await tensorsOf(load(t, tiny, { segmentTypes: 40, taskTypes: 64 }))
    for (const [name, there, rows] of [
      [names.segment, 4, 40],
      [names.task, 8, 64],
    ] as const) {
      t.deepEqual(wide[name].shape, [rows, 64])
      const values = wide[name].data as Float32Array
      t.deepEqual(values.subarray(0, there * 64), stored[name].data)
      const drawn = values.subarray(there * 64)
      const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + value ** 2, 0) / drawn.length)
      t.true(Math.abs(deviation / 0.02 - 1) < 0.1, `${name}: ${deviation}`)
      t.true(Math.max(...drawn) > 0.04, 'not cut')
    }
    t.deepEqual(
      await tensorsOf(load(t, tiny, { segmentTypes: 2, taskTypes: 1 })),
      stored,
      'rows are never dropped',
    )

    const without = variant((name, tensor) => (name === names.task ? null : [name, tensor]))
    t.deepEqual((await tensorsOf(load(t, without)))[names.task].shape, [8, 64])
    const off = variant((name, tensor) => (name === names.task ? null : [name, tensor]), {
      use_task_id: false,
    })
    t.is((await tensorsOf(load(t, off)))[names.task] === undefined, true)
    t.deepEqual((await tensorsOf(load(t, off, { taskTypes: 16 })))[names.task].shape, [16, 64])
    const missing = variant((name, tensor) => (name === names.segment ? null : [name, tensor]))
    t.deepEqual((await tensorsOf(load(t, missing)))[names.segment].shape, [4, 64])
  },
)

test.serial('configuration is read, never assumed', (t) => {
  const relu = load(t, `${goldensDirectory}ernie-relu`).model.encoder.config
  t.like(relu, { activation: 'relu', layerNormEpsilon: 1e-12, positions: 64, segmentTypes: 2, taskTypes: 0 })
  const directory = variant((name, tensor) => [name, tensor], {
    layer_norm_eps: 1e-5,
    hidden_act: 'gelu_new',
  })
  t.like(load(t, directory).model.encoder.config, { activation: 'gelu_tanh', layerNormEpsilon: 1e-5 })
})

test.serial('folders that do not fit are refused with what is wrong', (t) => {
  const same = (name: string, tensor: TensorToWrite): [string, TensorToWrite] => [name, tensor]
  const refused = (directory: string, message: RegExp, code = 'CHECKPOINT') => {
    const { live } = device.memory()
    t.throws(() => loadErnie(device, directory), { code, message })
    t.is(device.memory().live, live, 'nothing stays in memory')
  }
  refused(join(newDirectory(), 'none'), /config\.json does not exist/)
  refused(variant(same, { model_type: 'roberta' }), /"roberta"/)
  refused(variant(same, { hidden_act: 'swish' }), /"swish"/)
  refused(variant(same, { hidden_size: '64' }), /hidden_size must be a number/)
  refused(variant(same, { num_hidden_layers: undefined }), /num_hidden_layers/)
  refused(variant(same, { position_embedding_type: 'relative_key' }), /relative_key/)
  refused(variant(same, { num_attention_heads: 5 }), /64 does not divide into 5 heads/, 'ENCODER_CONFIG')
  refused(variant(same, { vocab_size: 996 }), /word_embeddings\.weight has shape \[997, 64\].*\[996, 64\]/)
  refused(variant(same, { num_hidden_layers: 4 }), /encoder\.layer\.3\..* was it made for another model/)
  refused(
    variant((name, tensor) => [`model.${name}`, tensor]),
    /no embeddings\.word_embeddings\.weight/,
  )
  const broken = variant(same)
  writeFileSync(join(broken, 'config.json'), '{')
  refused(broken, /config\.json is not JSON/)
  const truncated = variant(same)
  const bytes = readFileSync(join(truncated, 'model.safetensors'))
  writeFileSync(join(truncated, 'model.safetensors'), bytes.subarray(0, bytes.length - 100))
  refused(truncated, /model\.safetensors is not a whole safetensors file/, 'SAFETENSORS')
  const pickled = newDirectory()
  cpSync(join(tiny, 'config.json'), join(pickled, 'config.json'))
  refused(pickled, /model\.safetensors does not exist/)
  writeFileSync(join(pickled, 'pytorch_model.bin'), '')
  refused(pickled, /pytorch_model\.bin.*save_pretrained/)
})

test.serial('all heads go through a file and back', async (t) => {
  using _scope = device.scope()
  const [first, second] = [smallModel(device), smallModel(device, { config: { initializerRange: 0.1 } })]
  t.teardown(() => {
    first.dispose()
    second.dispose()
  })
  const tensors = await modelTensors(first)
  t.true(tensors.has('cls.predictions.transform.dense.weight'))
  t.true(tensors.has('heads.sentence.classifier.weight'))
  t.deepEqual(tensors.get('ernie.embeddings.word_embeddings.weight')!.shape, [smallVocabulary, 32])
  t.false([...tensors.keys()].some((name) => name.includes('qkv')))
  const file = join(newDirectory(), 'model.safetensors')
  writeSafetensors(file, tensors)
  loadModelTensors(second, readSafetensors(file), file)
  t.deepEqual(
    await Promise.all(second.arenas().map((arena) => arena.parameters.read())),
    await Promise.all(first.arenas().map((arena) => arena.parameters.read())),
    'rows that pad included',
  )
  second.addHead('more', { kind: 'token-classification', classes: 2 })
  t.throws(() => loadModelTensors(second, readSafetensors(file), file), {
    code: 'CHECKPOINT',
    message: /heads\.more\.classifier/,
  })
})

test.serial('a save that fails leaves nothing behind', async (t) => {
  const { model } = load(t, tiny)
  const parent = newDirectory()
  const vocabulary = Array.from({ length: 1000 }, (_, i) => `t${i}`)
  await t.throwsAsync(saveErnie(model, join(parent, 'out'), { vocabulary, lowerCase: true }), {
    code: 'VOCABULARY',
    message: /1000 tokens.*997/,
  })
  t.deepEqual(readdirSync(parent), [])
  mkdirSync(join(parent, 'taken'))
  await t.throwsAsync(saveErnie(model, join(parent, 'taken'), { vocabulary: [], lowerCase: true }), {
    code: 'OUT_EXISTS',
  })
  t.true(existsSync(join(parent, 'taken')))
})
