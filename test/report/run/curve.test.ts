import test from 'ava'
import fc from 'fast-check'
import { type CurvePoint, createCurve } from '../../../lib/report/run/curve.ts'

const point = (step: number, stage = 1, loss: number | null = step): CurvePoint => ({
  lines: 1,
  stage,
  step,
  steps: 1,
  tokens: 10,
  seconds: 0.5,
  peakSeconds: 0.25,
  gradientNorm: loss,
  learningRate: step,
  lossScale: 1,
  skippedSteps: step,
  live: step,
  resident: null,
  tasks: {
    [step % 2 ? 'odd' : 'even']: {
      loss: loss ?? 0,
      lossLabels: loss === null ? 0 : 1,
      correct: 1,
      labels: 2,
      iterations: 1,
    },
  },
})

test('few points stay as they are', (t) => {
  const curve = createCurve(8)
  const points = [1, 2, 3, 4, 5, 6, 7, 8].map((step) => point(step))
  for (const each of points) curve.add(each)
  t.deepEqual(curve.points, points)
})

test('of a full curve neighbours are put together: sums added, the largest kept, the last said', (t) => {
  const curve = createCurve(4)
  for (const step of [1, 2, 3, 4, 5]) curve.add(point(step))
  t.deepEqual(
    curve.points.map(({ step, steps, gradientNorm, live, learningRate, resident }) => ({
      step,
      steps,
      gradientNorm,
      live,
      learningRate,
      resident,
    })),
    [2, 4, 5].map((step) => ({
      step,
      steps: step === 5 ? 1 : 2,
      gradientNorm: step,
      live: step,
      learningRate: step,
      resident: null,
    })),
  )
  t.deepEqual(curve.points[1].tasks, {
    odd: { loss: 3, lossLabels: 1, correct: 1, labels: 2, iterations: 1 },
    even: { loss: 4, lossLabels: 1, correct: 1, labels: 2, iterations: 1 },
  })
})

test('however many points are added, few stay, nothing is lost, and stages are kept apart', (t) => {
  const stages = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(stages, fc.integer({ min: 12, max: 40 }), (lengths, limit) => {
      const curve = createCurve(limit)
      let step = 0
      const wanted = lengths.map((length, index) => {
        for (let i = 0; i < length; i++) curve.add(point(++step, index + 1, i % 5 === 0 ? null : 1))
        return { stage: index + 1, iterations: length, loss: length - Math.ceil(length / 5) }
      })
      t.true(curve.points.length <= limit)
      for (const { stage, iterations, loss } of wanted) {
        const own = curve.points.filter((each) => each.stage === stage)
        const sums = own.flatMap(({ tasks }) => Object.values(tasks))
        t.is(
          sums.reduce((sum, each) => sum + each.iterations, 0),
          iterations,
        )
        t.is(
          sums.reduce((sum, each) => sum + each.loss, 0),
          loss,
        )
        t.is(
          own.reduce((sum, each) => sum + each.tokens, 0),
          10 * iterations,
        )
      }
      const steps = curve.points.map((each) => each.step)
      t.deepEqual(
        steps,
        steps.toSorted((a, b) => a - b),
      )
      t.is(steps.at(-1), step)
    }),
    { numRuns: 50 },
  )
})

test('more stages than points cannot be thinned', (t) => {
  const curve = createCurve(3)
  for (const step of [1, 2, 3, 4, 5]) curve.add(point(step, step))
  t.deepEqual(
    curve.points.map(({ step }) => step),
    [1, 2, 3, 4, 5],
  )
})

test('what comes after a step can be forgotten', (t) => {
  const curve = createCurve(8)
  for (const step of [2, 4, 6]) curve.add(point(step))
  curve.trim(4)
  t.deepEqual(
    curve.points.map(({ step }) => step),
    [2, 4],
  )
})
