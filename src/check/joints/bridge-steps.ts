/** What conversions are made of: a step behind a value, and what is asked of types to find one. */
import type { AttributeValue } from '../../ops/operator.ts';
import { operators } from '../../ops/table.ts';
import { dtypes } from '../../types/dtype.ts';
import type { Fact } from '../../types/fact.ts';
import type { Axis, TensorType } from '../../types/type.ts';

/** One conversion: what is written behind the value, and what comes out. */
export interface Step {
  readonly title: string;
  /** `onnx.Cast(to: f32)` */
  readonly text: string;
  /** ` / 255`: the same where it stands behind a call or a name. */
  readonly operators?: string;
  /** Of the library: the module's name, and the names that the text needs of it. */
  readonly imports?: { readonly module: string; readonly names: readonly string[] };
  readonly type: TensorType;
  /** Sizes agree behind it, and the numbers do not mean what is wanted. */
  readonly doubtful?: true;
  /** The title of the step that has to come later: [0, 1] lies within [-1, 1], and is half of what was meant. */
  readonly until?: string;
}
export type MakeSteps = (found: TensorType, wanted: TensorType) => readonly Step[];

/** What an operator makes of the tensor; undefined where it does not take it. */
export function through(op: string, found: TensorType, attributes: Readonly<Record<string, AttributeValue>>): TensorType | undefined {
  const inference = operators.get(op)!.infer([found], new Map(Object.entries(attributes)));
  return inference.ok && inference.type.kind === 'tensor' ? inference.type : undefined;
}

export const withFacts = (type: TensorType, facts: readonly Fact[]): TensorType => ({ ...type, facts });
export const stepOf = (title: string, text: string, type: TensorType | undefined): readonly Step[] => (type === undefined ? [] : [{ title, text, type }]);
export const inDoubt = (step: Step): Step => ({ ...step, doubtful: true });
export const only = ({ facts }: TensorType, ...kinds: readonly Fact['kind'][]): readonly Fact[] => facts.filter((fact) => kinds.includes(fact.kind));

export const labelsOf = (axes: readonly Axis[]): readonly string[] | undefined => {
  const labels = axes.map(({ label }) => label);
  return labels.every((label) => label !== undefined) && new Set(labels).size === labels.length ? labels : undefined;
};

/** A bound that somebody wrote, and no computation. */
export const isWritten = (value: number): boolean => Number.isFinite(value) && Number(value.toPrecision(4)) === value && Math.abs(value) <= 1e5;

/** Whether somebody said what the numbers lie between, or their dtype does. */
export const isDeclaredRange = ({ dtype, facts }: TensorType): boolean =>
  (typeof dtype === 'string' && dtypes[dtype].class !== 'float') || facts.some((fact) => fact.kind === 'range' && fact.location !== undefined);
