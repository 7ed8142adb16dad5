/** What an app embeds: loads bundles and runs them. */
export { load } from './load.ts';
export { createFeatureCache, type CacheStatistics, type FeatureCache } from './feature-cache.ts';
export { latencyBuckets, type ArmStatistics, type RollbackRule, type RolloutEvent } from './arm.ts';
export { versionsOf, type Versions } from './versions.ts';
export { topClass, type TopClass } from './top-class.ts';
export { describeViolation } from './guards.ts';
export type { GuardTally, GuardViolation } from './guards.ts';
export { MdlRuntimeError } from './errors.ts';
export type {
  AnyModel,
  ArmPlan,
  BundleLocation,
  Device,
  DeviceChoice,
  DeviceName,
  LoadOptions,
  Model,
  ModelTypes,
  GoldenBatch,
  Nested,
  NodeRun,
  NumericArray,
  Rollout,
  RolloutPlan,
  RunOptions,
  ShadowPlan,
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
