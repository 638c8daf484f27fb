import test from 'ava'
import { shownNegatives } from '../../lib/data/shown-negatives.ts'

const rows = [
  { query: 'heat of wings', title: 'heat transfer at wings', label: 'clicked' },
  { query: 'heat of wings', title: 'wings in heat', label: 'shown' },
  { query: 'shock waves', title: 'shock waves at bodies', label: 'clicked' },
  { query: 'shock waves', title: 'heat of shock waves', label: 'clicked' },
  { query: 'bodies', title: 'bodies of wings', label: 'shown' },
]

test('the best titles of other rows, none that the query has', (t) => {
  t.deepEqual(shownNegatives(rows, { perQuery: 1 }), [
    { query: 'heat of wings', title: 'bodies of wings', label: 'shown' },
  ])
})

test('only titles that share a word, only for queries with a clicked title', (t) => {
  const found = shownNegatives(rows, { perQuery: 9 })
  t.deepEqual(found.map(({ query, title }) => `${query}: ${title}`).sort(), [
    'heat of wings: bodies of wings',
    'heat of wings: heat of shock waves',
  ])
})

test('other titles may be searched, each given once', (t) => {
  const titles = ['waves', 'waves', 'shock waves at bodies', 'nothing']
  t.deepEqual(
    shownNegatives(rows, { titles }).map(({ query, title }) => `${query}: ${title}`),
    ['shock waves: waves'],
  )
})
