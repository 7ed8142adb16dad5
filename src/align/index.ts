/** The alignment toolkit: mathematics over a session that its caller makes. */
export { createKernels, type Kernels } from './kernels/kernels.ts';
export type { CreateKernelSession } from './kernels/session.ts';
export { collectMoments, type Moments } from './kernels/moments.ts';
export { pairsOf, type RowPairs, type RowPiece } from './kernels/row-pairs.ts';
export { selectRows, type Features, type Matrix } from './matrix.ts';

export { collectTraining, randomFolds, type Training } from './adapters/training.ts';
export { bridges, fitBridge } from './adapters/table.ts';
export { chooseBridge, simplestNearBest, type Choice } from './adapters/choose.ts';
export type { AffineAdapter, FittedAdapter, WeightTensor } from './adapters/adapter.ts';
export type { ScoredAdapter } from './adapters/cross-validation.ts';
export type { AffineMethod } from './adapters/method.ts';
export { orthogonal, scaledOrthogonal } from './adapters/orthogonal.ts';
export { leastSquares, ridge, ridgeWith } from './adapters/ridge.ts';
export { lowRankOf } from './adapters/low-rank.ts';
export { standardise } from './adapters/standardise.ts';
export { whitening } from './adapters/whitening.ts';
export { relativeRepresentation } from './adapters/relative-representation.ts';
export { fitTemperature } from './adapters/temperature.ts';
export { fitLogistic, type LogisticHead } from './heads/logistic.ts';
export { chooseLogistic, fitHead, prototypeHead, type ScoredHead } from './heads/choose.ts';
export type { LossOperand } from './training/losses.ts';
export type { GivenValue, TrainedLoss, TrainingFault, TrainingProblem } from './training/problem.ts';
export type { Split } from './training/batches.ts';
export { feedsOf, train, type Trained, type TrainingPlan, type TrainingState } from './training/train.ts';
export { adapterFile, fittedFile, type Provenance } from './provenance.ts';

export { activationsOf } from './diagnostics/activations.ts';
export type { Advice, Remedy } from './diagnostics/advice.ts';
export { ckaMap, testCka } from './diagnostics/cka.ts';
export { describeJoint, type DescribedJoint } from './diagnostics/joint.ts';
export type { Reading, Readings } from './diagnostics/reading.ts';
export { describeSpace, type DescribedSpace } from './diagnostics/space.ts';

export { integrityGate } from './verify/integrity.ts';
export { alignmentGate } from './verify/alignment.ts';
export { informationGate } from './verify/information.ts';
export { functionGate } from './verify/function.ts';
export { calibrationGate } from './verify/calibration.ts';
export { conceptGate } from './verify/concepts.ts';
export { leastRows, overall, rulesVersion, significant, type GateResult, type Measure, type Verdict } from './verify/gate.ts';
export type { Fingerprint } from './verify/integrity.ts';
export { bootstrap } from './statistics/bootstrap.ts';
export type { Estimate } from './statistics/interval.ts';
export { countPairs, pairedDifference } from './statistics/paired-proportions.ts';
export { wilson } from './statistics/wilson.ts';
export { kMeans } from './metrics/k-means.ts';
