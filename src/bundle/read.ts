/** Reading `manifest.json`: any JSON becomes a manifest, or a finding that says where it is none. */
import {
  absentOr,
  dictionary,
  either,
  integer,
  list,
  number,
  object,
  oneOf,
  string,
  leaf,
  type Problem,
  type Shape,
} from '../data/shape.ts';
import { describe, isRecord } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { isDType } from '../types/dtype.ts';
import {
  manifestFormat,
  type Manifest,
  type ManifestBackbone,
  type ManifestDim,
  type ManifestFact,
  type ManifestFile,
  type ManifestGuard,
  type ManifestHead,
  type ManifestJoint,
  type ManifestLimit,
  type ManifestPartCosts,
  type ManifestPort,
  type ManifestRows,
  type ManifestState,
  type ManifestSize,
  type ManifestTensor,
  type ManifestWeights,
  type MeasuredOutput,
  type MeasuredWeights,
} from './manifest.ts';
import type { Reference } from './reference.ts';
import { signals, type ManifestArm, type ManifestGolden, type ManifestRollback, type ManifestRollout, type ManifestSlot, type ManifestVerdict } from './rollout.ts';

const maxSize = Number.MAX_SAFE_INTEGER;
/** Requests that a rule looks back on are kept one by one. */
export const maxWindow = 1_000_000;
export const evidence = oneOf('proved', 'measured', 'enforced', 'declared');
const dtype = leaf('a dtype that this version knows', (v) => typeof v === 'string' && isDType(v));
const bound = (infinity: string): Shape => either(`a number or "${infinity}"`, number, oneOf(infinity));

type FactOf<K extends ManifestFact['kind']> = Extract<ManifestFact, { readonly kind: K }>;
const along = { axis: integer(-64, 63), value: number, tolerance: number };
const ends = { low: bound('-inf'), high: bound('inf') };
const identity = { id: string, version: string };

/** The members of each kind of fact, beside its evidence. */
const facts: { readonly [K in ManifestFact['kind']]: Shape } = {
  range: object<FactOf<'range'>>({ kind: string, ...ends, rows: absentOr(object({ axis: integer(-64, 63), ends: list(object(ends)) })) }),
  norm: object<FactOf<'norm' | 'sum'>>({ kind: string, ...along }),
  sum: object<FactOf<'norm' | 'sum'>>({ kind: string, ...along }),
  space: object<FactOf<'space' | 'tokenizer'>>({ kind: string, ...identity }),
  tokenizer: object<FactOf<'space' | 'tokenizer'>>({ kind: string, ...identity }),
  attribute: object<FactOf<'attribute'>>({ kind: string, id: string, value: string }),
  mask: object({}),
  prefix_mask: object({}),
  integer: object({}),
  finite: object({}),
  one_hot: object({}),
  nonzero: object({}),
};

const fact: Shape = (v, path) => {
  const shared = object({ kind: oneOf(...Object.keys(facts)), evidence, because: absentOr(string) })(v, path);
  return shared ?? facts[(v as ManifestFact).kind](v, path);
};

const extent = either('a whole number from 0 or an expression over names', integer(0, maxSize), string);
/** The members of a comparison of sizes. */
export const comparison = { left: extent, op: oneOf('==', '>=', '<='), right: extent };

const dim: Shape = (v, path) => {
  const own = object<ManifestDim>({
    size: extent,
    label: absentOr(string),
    classes: absentOr(list(string)),
  })(v, path);
  if (own) return own;
  const { size, classes } = v as ManifestDim;
  if (classes === undefined || classes.length === size) return undefined;
  return { path: `${path}.classes`, expected: `a list of ${size}, the axis's size`, found: describe(classes) };
};

export const tensor = object<ManifestTensor>({ onnx: string, dtype, dims: list(dim, 64), facts: list(fact) });

const port: Shape = (v, path) => {
  const own = object<ManifestPort>({
    name: string,
    doc: absentOr(string),
    contract: absentOr(string),
    tensor: absentOr(tensor),
    fields: absentOr(dictionary(tensor)),
    tokenizer: absentOr(string),
  })(v, path);
  if (own) return own;
  const { tensor: one, fields } = v as ManifestPort;
  if ((one === undefined) !== (fields === undefined)) return undefined;
  return { path, expected: 'one tensor or a record of fields', found: one ? 'both' : 'neither' };
};

const carried = object<ManifestState>({ name: string, doc: absentOr(string), tensor, next: string, init: either('a number, or a list of numbers', number, list(number)) });

const backbone = object<ManifestBackbone>({
  name: string,
  at: absentOr(string),
  version: absentOr(string),
  doc: absentOr(string),
  base: absentOr(string),
  source: string,
  card: dictionary(string),
});

const sha256 = leaf('64 lower-case hexadecimal digits', (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v));
const part = leaf('a number of bytes and their SHA-256', (v) => typeof v === 'string' && /^\d{1,15} [0-9a-f]{64}$/.test(v));
const digest = { bytes: integer(0, maxSize), sha256, parts: absentOr(list(part)) };
const file = (path: Shape): Shape => object<ManifestFile>({ path, ...digest });

/** What the bundle carries lies in it: a manifest must not make the runtime read elsewhere. */
const inside = leaf('a relative path inside the bundle', (v) => typeof v === 'string' && isInside(v));
const isInside = (path: string): boolean =>
  path !== '' && !/^[/\\]|^[A-Za-z]:|[\0\\]/.test(path) && !path.split('/').includes('..');
/** A file of the bundle. */
export const bundleFile = file(inside);

const rows = object<ManifestRows>({ independent: leaf('true or false', (v) => typeof v === 'boolean'), why: absentOr(string), shared: absentOr(list(string)) });
const head = object<ManifestHead>({
  path: inside,
  ...digest,
  name: string,
  inputs: list(string),
  outputs: list(string),
  rows: absentOr(rows),
});

const verdict = object<ManifestVerdict>({
  name: string,
  verdict: oneOf('PASS', 'FAIL', 'INCONCLUSIVE'),
  date: string,
  rows: integer(0, maxSize),
  fingerprint: sha256,
  stale: absentOr(leaf('true', (v) => v === true)),
});
const share = leaf('a number from 0 to 1', (v) => typeof v === 'number' && v >= 0 && v <= 1);
const arm = object<ManifestArm>({ name: string, share, head: absentOr(head), verdict: absentOr(verdict) });
const rollback = object<ManifestRollback>({ to: string, signal: oneOf(...signals), op: oneOf('>', '>='), bound: number, over: integer(1, maxWindow) });
export const reference = object<Reference>({ rows: integer(1, maxSize), ends: absentOr(list(number)), shares: list(share) });
const slot = object<ManifestSlot>({
  output: string,
  arms: list(arm),
  shadows: list(arm),
  sticky: absentOr(string),
  flags: list(object<ManifestSlot['flags'][number]>({ flag: string, arm: string })),
  rollback: absentOr(rollback),
  reference: absentOr(reference),
});
const golden = object<ManifestGolden>({ path: inside, ...digest, rows: integer(1, maxSize), tolerance: absentOr(number), arm: absentOr(string) });

const joint = object<ManifestJoint>({
  at: string,
  from: string,
  to: string,
  requirements: list(object<ManifestJoint['requirements'][number]>({ what: string, evidence, because: absentOr(string) })),
});

const spread = object({ max: bound('inf'), mean: bound('inf') });
const measured = object<MeasuredWeights>({
  sample: object<MeasuredWeights['sample']>({ seed: absentOr(integer(0, maxSize)), files: absentOr(list(string)), runs: integer(0, maxSize) }),
  outputs: dictionary(
    object<MeasuredOutput>({
      absolute: spread,
      relative: spread,
      topClass: absentOr(object({ rows: integer(0, maxSize), changed: integer(0, maxSize) })),
    }),
  ),
});
const weights = object<ManifestWeights>({ dtype: oneOf('f16'), tensors: integer(0, maxSize), measured: absentOr(measured) });

const guard = object<ManifestGuard>({
  at: string,
  from: string,
  to: string,
  contract: absentOr(string),
  what: string,
  action: oneOf('reject', 'report', 'clamp', 'replace'),
  tensor: absentOr(string),
  axes: absentOr(list(integer(0, 64))),
  rows: absentOr(string),
  outputs: list(string),
});

const figure = either('a number or an expression over names', number, either('an expression over names or null', string, leaf('null', (v) => v === null)));
const costs = {
  parameters: integer(0, maxSize),
  bytes: integer(0, maxSize),
  macs: figure,
  peak: figure,
  uncounted: absentOr(object({ operators: absentOr(list(string)), tensors: absentOr(list(string)) })),
};

const amount = either('a number or an expression over names', number, string);
const limit = object<ManifestLimit>({
  metric: string,
  op: oneOf('<=', '<', '>=', '>'),
  bound: object<ManifestLimit['bound']>({ kind: oneOf('absolute', 'share'), value: number }),
  device: absentOr(string),
  state: oneOf('proved', 'unproved', 'unmeasured'),
  figure: absentOr(amount),
  limit: absentOr(amount),
});

const sizes = absentOr(list(object<ManifestSize>({ ...comparison, by: string })));

const manifest = object<Manifest>({
  format: oneOf(manifestFormat),
  compiler: string,
  model: string,
  doc: absentOr(string),
  onnx: bundleFile,
  data: absentOr(list(bundleFile)),
  heads: absentOr(list(head)),
  rows: absentOr(rows),
  opsets: dictionary(integer(0, maxSize)),
  leftToCpu: absentOr(dictionary(list(string))),
  inputs: list(port),
  outputs: list(port),
  states: absentOr(list(carried)),
  sizes,
  tokenizers: dictionary(bundleFile),
  weights: absentOr(weights),
  backbones: absentOr(list(backbone)),
  joints: list(joint),
  guards: absentOr(list(guard)),
  costs: absentOr(object<NonNullable<Manifest['costs']>>({ ...costs, parts: list(object<ManifestPartCosts>({ name: string, kind: oneOf('backbone', 'part'), ...costs })) })),
  budget: absentOr(list(limit)),
  golden: absentOr(list(golden)),
  rollouts: absentOr(list(object<ManifestRollout>({ name: string, slots: list(slot) }))),
  sources: list(file(string)),
  seal: absentOr(string),
});

/** The first pair of ports with one name, or the first tokenizer that no file stands for. */
function inconsistency(read: Manifest): Problem | undefined {
  for (const side of ['inputs', 'outputs'] as const) {
    const seen = new Set<string>();
    for (const [i, { name, tokenizer }] of read[side].entries()) {
      const path = `${side}[${i}]`;
      if (seen.has(name)) return { path: `${path}.name`, expected: 'a name of its own', found: describe(name) };
      seen.add(name);
      if (side === 'inputs' && read.states?.some((state) => state.name === name)) return { path: `${path}.name`, expected: 'a name that no state has', found: describe(name) };
      if (tokenizer !== undefined && !Object.hasOwn(read.tokenizers, tokenizer)) {
        return { path: `${path}.tokenizer`, expected: 'a key of `tokenizers`', found: describe(tokenizer) };
      }
    }
  }
  return undefined;
}

/** What a composed ONNX file says of itself. */
export type FileRecord = Pick<Manifest, 'inputs' | 'outputs' | 'states' | 'sizes' | 'guards' | 'backbones' | 'joints' | 'sources'>;

const record = object<FileRecord>({
  inputs: list(port),
  outputs: list(port),
  states: absentOr(list(carried)),
  sizes,
  guards: absentOr(list(guard)),
  backbones: absentOr(list(backbone)),
  joints: list(joint),
  sources: list(file(string)),
});

const builtAnew = 'What `mdl build` writes is not edited: build the bundle again, with the version of MDL that runs it.';

/** Checks parsed JSON to be such a record. */
export function readFileRecord(json: unknown): Outcome<FileRecord> {
  const problem = record(json, '');
  if (!problem) return succeed(json as FileRecord);
  return fail(runtimeCodes.finding('manifest-invalid', { ...problem, path: problem.path || 'the whole' }, [builtAnew]));
}

/** Checks parsed JSON to be a manifest; the finding names the first place that is none. Members of the future are let pass. */
export function readManifest(json: unknown): Outcome<Manifest> {
  // The format first: whatever else differs then follows from it.
  const format = isRecord(json) ? object({ format: oneOf(manifestFormat) })(json, '') : undefined;
  const problem = format ?? manifest(json, '') ?? inconsistency(json as Manifest);
  if (!problem) return succeed(json as Manifest);
  return fail(runtimeCodes.finding('manifest-invalid', { ...problem, path: problem.path || 'the whole' }, [builtAnew]));
}
