/** A program while it is being built: what has been made so far, and names for what comes. */
import type { TensorInfo } from '../../ir/graph.ts';
import type { Initializer, Link } from '../../ir/program.ts';
import { numberBytes } from '../../ir/scalar.ts';
import type { Symbol } from '../../names/modules.ts';
import type { Operator, OperatorCall } from '../../ops/operator.ts';
import { relativePath } from '../../text/paths.ts';
import { positionAt, type Location } from '../../text/source.ts';
import { constantOf, intDim, symbolDim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import type { Evidence } from '../../types/fact.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import type { Guard, GuardCounts, SizeDemand } from '../env.ts';
import type { JointTensor } from '../joints/places.ts';
import type { WeightsOf } from '../parts/weights.ts';

/** A call of an operator that is not yet nodes; `value` stands for its result in the steps after it. */
export interface PendingCall {
  readonly kind: 'call';
  readonly operator: Operator;
  readonly value: string;
  readonly call: OperatorCall;
  readonly site: Location;
}

/** A guard that a value passes on its way: `value` is `of` in all steps that come after it. */
export interface GuardStep {
  readonly kind: 'guard';
  readonly value: string;
  readonly of: string;
  readonly guard: Guard;
  readonly counts?: GuardCounts;
}

export interface Draft {
  readonly checker: Checker;
  /** The model, or whatever else is made into a program. */
  readonly symbol: Symbol;
  /** A part whose weights are yet to be learned: zeros stand for them. */
  readonly unfitted?: Symbol;
  readonly steps: (PendingCall | Link | GuardStep)[];
  /** Guards that nothing needs, and why. */
  readonly needless: { readonly guard: Guard; readonly evidence: Evidence }[];
  /** The inputs of the model, as far as it was followed. */
  readonly given: Type[];
  /** What operators need of their sizes. */
  readonly demands: SizeDemand[];
  /** Tensors of joints, in the order of the calls. */
  readonly places: JointTensor[];
  readonly initializers: Initializer[];
  /** The files of the parts whose parameters these are. */
  readonly weights: Map<Symbol, WeightsOf>;
  readonly types: Map<string, TensorInfo>;
  /** Structure to result, so that equal calls are made once. */
  readonly made: Map<string, string>;
  readonly names: Set<string>;
}

export const infoOf = (type: TensorType): TensorInfo => ({
  dtype: typeof type.dtype === 'string' ? type.dtype : undefined,
  dims: type.shape.rest === undefined ? type.shape.axes.map((axis) => axis.size) : undefined,
});

/**
 * Of a tensor that a file gives. Numbers that are only said of its sizes are tested when it runs: whoever took them for settled, here or in ONNX
 * Runtime, would fold the test away.
 */
export function assumedInfo(type: TensorType, value: string): TensorInfo {
  const info = infoOf(type);
  if (type.evidence === 'proved') return info;
  const opened = info.dims?.map((size, axis) => (constantOf(size) === undefined ? size : symbolDim({ key: `${value}/size ${axis}`, name: `${value}.${axis}`, kind: 'rigid' })));
  return { ...info, dims: opened };
}

export function unique(name: string, draft: Draft): string {
  let candidate = name;
  for (let n = 2; draft.names.has(candidate); n++) candidate = `${name}#${n}`;
  draft.names.add(candidate);
  return candidate;
}

/** What equal structure has made before, or what `make` makes now. */
export function once(key: string, draft: Draft, make: () => string): string {
  const known = draft.made.get(key);
  if (known !== undefined) return known;
  const value = make();
  draft.made.set(key, value);
  return value;
}

/** A constant of ours: a scalar where `dims` is empty. */
export function addConstant(draft: Draft, values: readonly number[], dtype: DType, dims: readonly number[]): string {
  // JSON knows neither -0 nor infinities.
  const written = values.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join(',');
  const label = dims.length === 0 ? written : `[${written}]`;
  return once(JSON.stringify(['constant', dtype, dims, written]), draft, () => {
    const name = unique(`constant/${dtype}/${label.length > 40 ? `${label.slice(0, 37)}...` : label}`, draft);
    draft.initializers.push({ name, dtype, dims, bytes: numberBytes(dtype, values) });
    draft.types.set(name, { dtype, dims: dims.map(intDim) });
    return name;
  });
}

/** `heads.mdl:11:8`, relative to the model's folder: the same on every machine. */
export function sourcePosition(site: Location, draft: Draft): string {
  const module = draft.checker.modules.scopes.get(site.uri)!;
  const { line, character } = positionAt(module.source, site.span.start);
  return `${relativePath(site.uri, draft.symbol.module.uri)}:${line + 1}:${character + 1}`;
}
