import test from 'ava'
import { createChineseAnnotator } from '../../../lib/data/annotate/chinese.ts'
import { chineseSentenceEnds } from '../../../lib/data/sentences-chinese.ts'
import { bracketed, oneByOne } from '../../helpers/annotation.ts'

const annotate = oneByOne(createChineseAnnotator())
const of = (text: string) => annotate(text, chineseSentenceEnds(text))

for (const text of [
  '毛泽东|1893|年|12|月|26|日|出|生于|湖南省|湘潭县|。',
  '我|在|café|工作|，|花|了|3.14|元|。',
  'Fedora |Linux |的|稳定|版本|已经|发布|。',
  '钟雄|道|：|好|。',
  '他|说|：|“|走|吧|。|”',
  '',
]) {
  test(`words: ${text || '(nothing)'}`, (t) => {
    const plain = text.replaceAll('|', '')
    const words = of(plain).words as number[]
    t.is(words.map((start, index) => plain.slice(start, words[index + 1])).join('|'), text)
  })
}

for (const text of [
  '[李明]在[北京大学][学习]。',
  '[这个][东西]的[安全性]很高。',
  'Fedora Linux 的[稳定版本][已经][发布]。',
  '他在[开发][网络服务器软件]。',
  '我 去 了 ！',
  '',
]) {
  test(`phrases: ${text || '(nothing)'}`, (t) => {
    const plain = text.replaceAll(/[[\]]/g, '')
    t.is(bracketed(plain, of(plain).phrases), text)
  })
}

for (const text of [
  '[李明]在[北京大学]学习。',
  '[毛泽东][1893年12月26日]出生于[湖南省湘潭县]。',
  '他读过《[红楼梦]》和《[三国演义]》，没有读《》。',
  '[Fedora Linux] 的稳定版本已经发布。',
  '[钟雄]道：好。',
  '这个东西的安全性很高，长度不够，明白吗？',
  '[卡尔·马克思]写了这本书。',
  '一共12345年。',
  '',
]) {
  test(`entities: ${text || '(nothing)'}`, (t) => {
    const plain = text.replaceAll(/[[\]]/g, '')
    t.is(bracketed(plain, of(plain).entities), text)
  })
}

test('text without a sentence end, of any length, is annotated in parts', (t) => {
  const text = '他在北京大学，'.repeat(3000)
  const { entities } = annotate(text, [text.length])
  t.is(entities.length, 2 * 3000)
  t.true(entities.every((offset, index) => offset % 7 === (index % 2 === 0 ? 2 : 6)))
  t.deepEqual(annotate('字'.repeat(3) + 'x'.repeat(20_000), [20_003]).words?.slice(-1), [3])
})

test('characters beyond 16 bits and unpaired surrogates keep their places', (t) => {
  const text = '𠀀在\ud800北京大学。'
  t.deepEqual(annotate(text, [text.length]).entities, [4, 8])
})
