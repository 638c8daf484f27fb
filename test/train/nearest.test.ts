import test from 'ava'
import { knownNames, nearest } from '../../lib/train/nearest.ts'

test('the nearest name is found through slips of the hand', (t) => {
  const names = ['tokensPerStep', 'maxLength', 'seed']
  t.is(nearest('tokenPerStep', names), 'tokensPerStep')
  t.is(nearest('maxlength', names), 'maxLength')
  t.is(nearest('sede', names), 'seed')
  t.is(nearest('colour', names), null)
  t.is(knownNames('sede', names), 'did you mean "seed"? Known: tokensPerStep, maxLength, seed')
})
