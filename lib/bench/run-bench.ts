import type { Device } from '../tensor/device.ts'
import type { NativeDeviceInfo } from '../tensor/native.ts'
import { measureGemmPeak } from '../train/gemm-peak.ts'
import { type BenchCase, benchCases, benchVocabularySize, datasheetPeak, stepFlops } from './cases.ts'
import { measureCopyPeak } from './copy-peak.ts'
import { profileSteps, type StepProfile } from './profile-steps.ts'
import { makeSyntheticBatch } from './synthetic-batch.ts'
import { disposeBenchModel, makeBenchModel, median, runBenchSteps } from './training-step.ts'

export interface BenchFigures {
  size: BenchCase['size']
  precision: BenchCase['precision']
  sequences: number
  length: number
  /** Median over the steps. */
  stepMilliseconds: number
  tokensPerSecond: number
  /** FLOP/s of the step's products and attention, by the formula of `stepFlops`. */
  flopsPerSecond: number
  /** The device's GEMM ceiling in this precision, FLOP/s. */
  gemmPeak: number
  /** Share of the GPU's peak by its data sheet (MFU); null on the CPU, in float32 and where that peak is not known. */
  modelFlopsUtilization: number | null
  /** Of further steps, which being measured may make a little longer. */
  profile: StepProfile
}

export interface BenchReport {
  device: NativeDeviceInfo
  /** Bytes a second read and written by a copy on the device. */
  copyPeak: number
  figures: BenchFigures[]
}

const profiledSteps = 2

/** Measures a training step of each of the device's cases: `steps` timed steps after two of warm-up, then two profiled. */
export async function runBench(
  device: Device,
  { steps, wanted = () => true }: { steps: number; wanted?: (bench: BenchCase) => boolean },
): Promise<BenchReport> {
  const figures: BenchFigures[] = []
  const info = device.info()
  const copyPeak = await measureCopyPeak(device)
  for (const bench of benchCases.filter((bench) => bench.backend === info.backend && wanted(bench))) {
    const { size, precision, sequences, length } = bench
    const gemmPeak = await measureGemmPeak(device, precision, 500)
    const batch = makeSyntheticBatch(sequences, length, benchVocabularySize)
    const built = makeBenchModel(device, bench)
    await runBenchSteps(built, batch, 2)
    const stepMilliseconds = median(await runBenchSteps(built, batch, steps))
    const profile = await profileSteps(device, () => runBenchSteps(built, batch, profiledSteps))
    disposeBenchModel(built)
    device.trim()
    const peak = precision === 'float32' ? null : datasheetPeak(info.name)
    const masked = batch.labels.filter((label) => label >= 0).length
    const flopsPerSecond = (stepFlops(size, batch.lengths, masked) / stepMilliseconds) * 1e3
    figures.push({
      size,
      precision,
      sequences,
      length,
      stepMilliseconds,
      tokensPerSecond: (batch.tokens / stepMilliseconds) * 1e3,
      flopsPerSecond,
      gemmPeak,
      modelFlopsUtilization: peak && flopsPerSecond / peak,
      profile,
    })
  }
  return { device: info, copyPeak, figures }
}
