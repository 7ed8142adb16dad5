/** What programs are drawn of: typed values in a scope, which are printed and computed. */
import { build, endsOf, isFloat, widen, type DType, type Tensor } from './interval.ts';
import { showSize, type Size } from './sizes.ts';

export interface TensorType {
  readonly dtype: DType;
  readonly dims: readonly Size[];
}

/** A call that gives a record: a `let` of its own, whose fields are values. */
export interface Call {
  readonly name: string;
  readonly args: readonly Step[];
  readonly print: (args: readonly string[]) => string;
}

/** A value of a body. */
export interface Step {
  readonly type: TensorType;
  readonly args: readonly Step[];
  /** The text of a call, its operands given as text. */
  readonly print: (args: readonly string[]) => string;
  readonly compute: (args: readonly Tensor[], run: Run) => Tensor | Promise<Tensor>;
  /** What it is at a run is known to the last bit: it can be given to a network. */
  readonly exact?: boolean;
  /** Inputs, parameters and fields have names already. */
  readonly isName?: true;
  readonly of?: Call;
}

/** What a run knows beside values: the numbers of the inputs, and what foreign calls gave that other values are fields of. */
export interface Run {
  /** Where the project lies. */
  readonly folder: string;
  /** How the model is run: as it is written, or as an optimiser may write it. */
  readonly level: 'disabled' | 'all';
  /** What the weights of parts are stored as. */
  readonly weights?: 'f16';
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** What guards that reject, and guards that report, find: one entry a guard. */
  readonly found: { readonly mode: 'reject' | 'report'; readonly broken: 'no' | 'perhaps' | 'yes' }[];
  /** By the `let` of a call in the model. */
  readonly calls: Map<string, Promise<ReadonlyMap<string, Tensor>>>;
}

export interface Random {
  readonly int: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
}

export const randomOf = (random: () => number): Random => {
  const int = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  return { int, chance: (probability) => random() < probability, pick: (list) => list[int(0, list.length - 1)]! };
};

/** A body as far as it is drawn. */
export interface Scope extends Random {
  readonly steps: Step[];
}

/** A value of the scope that fits; new ones come oftener. */
export function find(scope: Scope, fits: (type: TensorType) => boolean): Step | undefined {
  const all = scope.steps.filter(({ type }) => fits(type));
  if (all.length === 0) return undefined;
  return scope.chance(0.5) ? all.at(-scope.int(1, Math.min(3, all.length))) : scope.pick(all);
}

export const showType = ({ dtype, dims }: TensorType): string => `${dtype}[${dims.map(showSize).join(', ')}]`;

/** Operators that were fused, turned into one another or put in another order round a few times more. */
const loosened = (tensor: Tensor): Tensor => (isFloat(tensor.dtype) ? build(tensor.dtype, tensor.dims, (i) => widen(tensor.dtype, endsOf(tensor, i), 4)) : tensor);

/** The value of a step, and of all that it is made of. */
export async function computeStep(step: Step, run: Run, known: Map<Step, Promise<Tensor>>): Promise<Tensor> {
  const found = known.get(step);
  if (found !== undefined) return found;
  const value = (async () => {
    const args: Tensor[] = [];
    for (const arg of step.args) args.push(await computeStep(arg, run, known));
    const made = await step.compute(args, run);
    return run.level === 'all' && step.isName !== true && step.exact !== true ? loosened(made) : made;
  })();
  known.set(step, value);
  return value;
}

/** The lines of a body, and the texts of what it gives: a value that is read once may stand where it is read. */
export function printBody(scope: Scope, results: readonly Step[]): { readonly lines: readonly string[]; readonly results: readonly string[] } {
  const needed = reached(results);
  const uses = new Map<Step, number>();
  const calls = new Set<Call>();
  const count = (args: readonly Step[]): void => args.forEach((arg) => void uses.set(arg, (uses.get(arg) ?? 0) + 1));
  for (const step of needed) {
    if (step.of === undefined) count(step.args);
    else if (!calls.has(step.of)) {
      calls.add(step.of);
      count(step.of.args);
    }
  }
  const texts = new Map<Step, string>();
  const lines: string[] = [];
  const written = new Set<Call>();
  const textOf = (args: readonly Step[]): string[] => args.map((arg) => texts.get(arg)!);
  let lets = 0;
  for (const step of scope.steps) {
    if (!needed.has(step)) continue;
    if (step.of !== undefined && !written.has(step.of)) {
      written.add(step.of);
      lines.push(`let ${step.of.name} = ${step.of.print(textOf(step.of.args))}`);
    }
    const text = step.print(textOf(step.args));
    const isInline = step.isName === true || (uses.get(step) === 1 && !results.includes(step) && text.length < 90 && scope.chance(0.5));
    if (!isInline) lines.push(`let v${lets} = ${text}`);
    texts.set(step, isInline ? text : `v${lets++}`);
  }
  return { lines, results: textOf(results) };
}

/** All that some values are made of. */
export function reached(results: readonly Step[]): ReadonlySet<Step> {
  const seen = new Set<Step>();
  const visit = (step: Step): void => {
    if (seen.has(step)) return;
    seen.add(step);
    step.args.forEach(visit);
    step.of?.args.forEach(visit);
  };
  results.forEach(visit);
  return seen;
}
