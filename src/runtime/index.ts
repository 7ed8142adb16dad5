/** What an app embeds: loads bundles and runs them. */
export { load } from './load.ts';
export { createFeatureCache, type CacheStatistics, type FeatureCache } from './serving/feature-cache.ts';
export { latencyBuckets } from './rollout/types.ts';
export { referenceOf, type Reference } from '../bundle/reference.ts';
export { versionsOf, type Versions } from './bundle/versions.ts';
export { topClass, type TopClass } from './top-class.ts';
export { describeViolation } from './serving/guards.ts';
export type { GuardTally, GuardViolation, SizeViolation } from './serving/guards.ts';
export type { HeadRun, RunRecord } from './serving/records.ts';
export type { HeadStatistics, ModelStatistics } from './serving/statistics.ts';
export type { PictureInput } from './inputs/pictures.ts';
export { MdlRuntimeError } from './errors.ts';
export type {
  AnyModel,
  ArmPlan,
  ArmSource,
  ArmStatistics,
  BundleLocation,
  Device,
  DeviceChoice,
  DeviceName,
  LoadOptions,
  Model,
  ModelTypes,
  GoldenBatch,
  HeadsOf,
  HeadThread,
  Launch,
  LaunchOptions,
  Nested,
  NodeRun,
  NumericArray,
  RollbackRule,
  Rollout,
  RolloutEvent,
  RolloutPlan,
  RolloutsOf,
  RunOptions,
  ManyOptions,
  ShadowCost,
  ShadowPlan,
  Stages,
  StartOptions,
  StatesOf,
  Stream,
  StreamOptions,
  SwapOptions,
  Swapped,
  TensorData,
  TensorInput,
  TensorLike,
  TensorOutput,
  TextInput,
} from './types.ts';
export type {
  Evidence,
  Manifest,
  ManifestBackbone,
  ManifestDim,
  ManifestFact,
  ManifestFile,
  ManifestGuard,
  ManifestJoint,
  ManifestPort,
  ManifestState,
  ManifestTensor,
} from '../bundle/manifest.ts';
