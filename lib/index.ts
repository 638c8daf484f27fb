export { assembleStep } from './data/assemble.ts'
export type { BatchLimits, MicroBatch, StepBatch, StepPlan, Targets } from './data/batch.ts'
export { type Bm25, createBm25 } from './data/bm25.ts'
export * from './data/corpus.ts'
export { type ReadOptions, readDocuments, readParagraphs } from './data/inputs/read-documents.ts'
export { joinPieces } from './data/join-pieces.ts'
export { firstTokens, lastTokens, layOut, placeOf, type Span, sentenceAt, textAt } from './data/layout.ts'
export { loadTask, type TaskDescription } from './data/load-task.ts'
export { evaluationSteps, meanInputLength } from './data/measure.ts'
export { ordinaryTokens } from './data/ordinary-tokens.ts'
export { fitPair, textsOfPair } from './data/pairs.ts'
export { createPermutation } from './data/permutation.ts'
export { createPipeline, type Pipeline, type PipelineOptions } from './data/pipeline.ts'
export { type PrepareOptions, type PrepareProgress, type PrepareReport, prepare } from './data/prepare.ts'
export { preparePiece } from './data/prepare-piece.ts'
export { createRandom, drawWeighted, type Random } from './data/random.ts'
export { type RelevanceRow, shownNegatives } from './data/shown-negatives.ts'
export { closeSource, type DataSource, openSource, type SourceDescription } from './data/source.ts'
export type * from './data/task.ts'
export { readOptions } from './data/task-options.ts'
export { createWordSearch, Occurrence, type WordSearch } from './data/word-search.ts'
export { Communicator, type CommunicatorOptions } from './distributed/communicator.ts'
export { EverlearnError } from './error.ts'
export { type FineTuned, fineTune } from './finetune/fine-tune.ts'
export type { FineTuningEpoch, FineTuningFigures } from './finetune/judge-examples.ts'
export { type LinearlyProbed, type LinearProbeOptions, linearProbe } from './finetune/linear-probe.ts'
export { type FineTuningMetric, metrics as fineTuningMetrics } from './finetune/metric.ts'
export {
  defaultSettings as fineTuningDefaults,
  type FineTuneOptions,
  type FineTuningSettings,
} from './finetune/options.ts'
export { type Example, readExamples } from './finetune/read-examples.ts'
export type { FineTuningTask } from './finetune/task.ts'
export { type LoadErnieOptions, type LoadedErnie, loadErnie } from './interop/load-ernie.ts'
export { type LoadedLstm, type LoadLstmOptions, loadLstm } from './interop/load-lstm.ts'
export { type ModelFilesOptions, writeModelFiles } from './interop/model-files.ts'
export { type HeadPlaces, loadModelTensors, modelTensors } from './interop/model-tensors.ts'
export { readSafetensors } from './interop/read-safetensors.ts'
export {
  floatValues,
  integerValues,
  parseSafetensors,
  type Safetensors,
  type SafetensorsDType,
  type StoredTensor,
} from './interop/safetensors.ts'
export { type SaveErnieOptions, saveErnie } from './interop/save-ernie.ts'
export { type TensorToWrite, writeSafetensors } from './interop/write-safetensors.ts'
export { accuracy } from './metrics/accuracy.ts'
export { type Confusion, confusionOf } from './metrics/confusion.ts'
export { type ClassScores, classScores } from './metrics/f1.ts'
export {
  type BackwardTransfer,
  backwardTransfer,
  type ForgettingMatrix,
  forgettingMatrix,
  type StageMetric,
} from './metrics/forgetting.ts'
export { macroF1 } from './metrics/macro-f1.ts'
export { matthews } from './metrics/matthews.ts'
export type { AnyEncoder } from './nn/any-encoder.ts'
export { Arena, type Initial, type ParameterSpec, type Segment } from './nn/arena.ts'
export { type EncoderBatch, type HeadTargets, uploadBatch, uploadTargets } from './nn/batch.ts'
export {
  type EncoderConfig,
  type EncoderShape,
  type EncoderSize,
  encoderConfig,
  encoderSizes,
  type SharedConfig,
} from './nn/config.ts'
export type { Encoder, EncoderOptions } from './nn/encoder.ts'
export type { Head, HeadSpec, Pass } from './nn/heads/head.ts'
export { type LayerNorm, layerNormAt, layerNormSpecs } from './nn/layer-norm.ts'
export { type Linear, linearAt, linearSpecs } from './nn/linear.ts'
export { type LstmConfig, type LstmShape, lstmConfig } from './nn/lstm-config.ts'
export { LstmEncoder } from './nn/lstm-encoder.ts'
export { MultiTaskModel } from './nn/multi-task-model.ts'
export { dropoutAt, type Randomness } from './nn/randomness.ts'
export { siteOf } from './nn/site.ts'
export { TransformerEncoder } from './nn/transformer-encoder.ts'
export { add } from './ops/add.ts'
export { attention } from './ops/attention.ts'
export { type Activation, biasActivation } from './ops/bias-activation.ts'
export { cast } from './ops/cast.ts'
export { type Dropout, dropout } from './ops/dropout.ts'
export {
  type EmbeddingOptions,
  type EmbeddingRows,
  type EmbeddingTables,
  embedding,
} from './ops/embedding.ts'
export { fill } from './ops/fill.ts'
export { gatherRows } from './ops/gather-rows.ts'
export { layerNorm } from './ops/layer-norm.ts'
export { linear } from './ops/linear.ts'
export { type LinearCrossEntropyOptions, linearCrossEntropy } from './ops/linear-cross-entropy.ts'
export type { LossOptions } from './ops/loss.ts'
export { type LstmOptions, lstm } from './ops/lstm.ts'
export { meanSquaredError } from './ops/mean-squared-error.ts'
export { mul } from './ops/mul.ts'
export { type Distribution, randomFill } from './ops/random-fill.ts'
export { type ResidualLayerNormOptions, residualLayerNorm } from './ops/residual-layer-norm.ts'
export { scale } from './ops/scale.ts'
export { scatterRows } from './ops/scatter-rows.ts'
export { type SoftmaxCrossEntropyOptions, softmaxCrossEntropy } from './ops/softmax-cross-entropy.ts'
export { sum } from './ops/sum.ts'
export { AdamW, type AdamWOptions } from './optim/adamw.ts'
export { createLossScale, type LossScale } from './optim/loss-scale.ts'
export { constant, linearDecay, noam, type Schedule } from './optim/schedules.ts'
export { type InspectOptions, inspectCorpus } from './report/inspect/inspect-corpus.ts'
export type * from './report/inspect/inspection.ts'
export { streamEvents } from './report/progress/event-stream.ts'
export type { ProgressOutput } from './report/progress/live-block.ts'
export { type Progress, showProgress } from './report/progress/show-progress.ts'
export { checkpoint } from './tensor/checkpoint.ts'
export { Device, type DeviceOptions, type Memory, openDevice, type Values } from './tensor/device.ts'
export type { DeviceName } from './tensor/device-name.ts'
export type { DType, Floating, TypedArrayOf } from './tensor/dtype.ts'
export { toFloat32 } from './tensor/dtype.ts'
export type { Flow } from './tensor/flow.ts'
export type { Graph } from './tensor/graph.ts'
export type { Scope } from './tensor/scope.ts'
export type { Tape } from './tensor/tape.ts'
export { Parameter, Tensor } from './tensor/tensor.ts'
export { type Coverage, coverageOfText } from './tokenizer/coverage.ts'
export {
  type TrainedVocabulary,
  type TrainVocabularyOptions,
  trainVocabulary,
} from './tokenizer/train-vocabulary.ts'
export { createVocabulary, readVocabulary, type Vocabulary, vocabularyText } from './tokenizer/vocabulary.ts'
export { createWordPiece, type Encoding, type WordPiece } from './tokenizer/wordpiece.ts'
export { addTask, type NewTask, retireTask } from './train/change-run.ts'
export { type DryRun, type DryRunOptions, dryRun } from './train/dry-run/dry-run.ts'
export { dryRunText } from './train/dry-run/dry-run-text.ts'
export { type EvaluatedRun, type EvaluateRunOptions, evaluateRun } from './train/evaluation/evaluate-run.ts'
export type { Baseline, Evaluation, GroupFigures } from './train/evaluation/evaluation.ts'
export { headlineF1 } from './train/evaluation/headline-f1.ts'
export { forgettingOf, type HeadlineFigure, headlineFigure } from './train/evaluation/headline-figure.ts'
export { meanScore, scoreOf } from './train/evaluation/score.ts'
export { summaryOf } from './train/evaluation/summary.ts'
export type { Events, StepReport, TaskFigures, TrainerEvents } from './train/events.ts'
export type { Plan } from './train/plan.ts'
export { readPlan } from './train/plan-file.ts'
export { type OpenRun, pretrain, resume } from './train/pretrain.ts'
export { duration } from './train/quantities.ts'
export { isFinished } from './train/run-directory.ts'
export { checkPlan, type RunPlan } from './train/run-plan.ts'
export {
  type CorpusShare,
  createStageSampler,
  type StageSampler,
  type StepTasks,
} from './train/schedule/sampler.ts'
export { checkStages, type Method, type Stage, stageOfNewTask, stages } from './train/schedule/schedule.ts'
export { type Cut, lengthKey, lengthsNeeded, planSteps, type RunSteps } from './train/schedule/steps.ts'
export { ContinualTrainer, type Outcome } from './train/trainer.ts'
