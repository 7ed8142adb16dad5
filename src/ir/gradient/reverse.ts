/**
 * Reverse mode: the derivatives of one number of a program by some of its values, as further nodes of the program (Linnainmaa
 * 1970). Only what depends on those values is gone back through, so that nothing is computed for the rest.
 */
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Known } from '../../ops/foreign/known.ts';
import { numberOf } from '../../ops/foreign/scalar.ts';
import { gradientRuleOf } from '../../ops/gradient/table.ts';
import type { GradientCall } from '../../ops/gradient/rule.ts';
import type { Location } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { inferProgram } from '../infer/program.ts';
import type { Link, Operation, Program } from '../program.ts';
import type { ProgramBuilder } from './builder.ts';

export type Gradients =
  /** By value; one that `of` does not depend on is left out. */
  | { readonly ok: true; readonly gradients: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly finding: Finding; readonly location: Location };

/** Adds the derivatives of `of`, a single number, by each of `by`. All sizes of the program's inputs are numbers. */
export function addGradients(builder: ProgramBuilder, of: string, by: readonly string[]): Gradients {
  const program = builder.program();
  const known = knownOf(program);
  const active = dependents(program, by);
  const gradients = new Map<string, string>();
  for (const step of program.steps.toReversed()) {
    const made = step.kind === 'link' ? [...step.outputs.values()] : step.outputs;
    const came = made.some((value) => active.has(value) && (value === of || gradients.has(value)));
    if (!came) continue;
    const fault = step.kind === 'link' ? throughLink(step) : backThrough(step, of, active, gradients, known, builder);
    if (fault !== undefined) return { ok: false, finding: toolkitCodes.finding('fit-gradient', fault, ['Put it before what is learned, or write it with operators that have a gradient: `mdl explain fit-gradient`.']), location: step.origin };
  }
  return { ok: true, gradients: new Map(by.flatMap((value) => (gradients.has(value) ? [[value, gradients.get(value)!] as const] : []))) };
}

interface Fault {
  readonly op: string;
  readonly why: string;
}

const throughLink = ({ name }: Link): Fault => ({ op: name, why: 'it is a file, whose derivative is not taken' });

/** Adds what a step hands on to its inputs; says why where that is not known. */
function backThrough(step: Operation, of: string, active: ReadonlySet<string>, gradients: Map<string, string>, known: KnownOf, builder: ProgramBuilder): Fault | undefined {
  const to = builder.emitter(step.origin);
  const [result, ...others] = step.outputs;
  const op = step.foreign ?? step.op;
  if (others.some((value) => gradients.has(value))) return { op, why: 'its derivative by a further result is not known' };
  const dtype = known(result!).dtype!;
  const call: GradientCall = {
    node: step,
    gradient: result === of ? to.scalar(dtype, 1) : gradients.get(result!)!,
    dims: (value) => known(value).dims,
    numbers: (value) => known(value).numbers,
    dtypeOf: (value) => known(value).dtype!,
    dtype,
    to,
  };
  const unknown = [...step.inputs, ...step.outputs].find((value) => value !== '' && !known(value).isStatic);
  if (unknown !== undefined) return { op, why: 'the sizes of what it works on are not known' };
  const found = gradientRuleOf({ ...call, domain: step.domain });
  if (!found.ok) return { op, why: found.why };
  for (const [i, input] of step.inputs.entries()) {
    const part = active.has(input) ? found.rule(call, i) : undefined;
    if (part === undefined) continue;
    const before = gradients.get(input);
    gradients.set(input, before === undefined ? part : to.node('Add', [before, part]));
  }
  return undefined;
}

/** What depends on some values, themselves included. */
export function dependents(program: Program, values: readonly string[]): ReadonlySet<string> {
  const active = new Set(values);
  for (const step of program.steps) {
    const [reads, makes] = step.kind === 'link' ? [[...step.inputs.values()], [...step.outputs.values()]] : [step.inputs, step.outputs];
    if (reads.some((value) => active.has(value))) for (const value of makes) active.add(value);
  }
  return active;
}

// ---------------------------------------------------------------- sizes

interface StaticKnown {
  readonly dtype: DType | undefined;
  readonly dims: readonly number[];
  readonly numbers: readonly number[] | undefined;
  readonly isStatic: boolean;
}

type KnownOf = (value: string) => StaticKnown;

/** From the inputs on: what was said of the values between them may be over sizes that have become numbers. */
function knownOf(program: Program): KnownOf {
  const given = new Set([...program.inputs.map((port) => port.value), ...program.initializers.map(({ name }) => name)]);
  const { scope } = inferProgram({ ...program, types: new Map([...program.types].filter(([value]) => given.has(value))) });
  const found = new Map<string, StaticKnown>();
  return (value) => {
    if (!found.has(value)) found.set(value, staticOf(scope.entries.get(value)?.known ?? {}));
    return found.get(value)!;
  };
}

function staticOf({ dtype, dims, values }: Known): StaticKnown {
  const sizes = dims?.map(constantOf);
  const isStatic = dtype !== undefined && sizes !== undefined && sizes.every((size) => size !== undefined);
  const numbers = values?.map(numberOf);
  return { dtype, dims: isStatic ? (sizes as number[]) : [], numbers: numbers?.every((value) => value !== undefined) ? (numbers as number[]) : undefined, isStatic };
}
