/**
 * What an operator, or a file, needs of sizes in a program. What depends on the inputs of the model is demanded of them; where a file
 * chooses a size, the graph looks at it.
 */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Operator } from '../../ops/operator.ts';
import { isSourced, sizeTest, sizeTestAttributes, type SizeSource } from '../../ops/shape-test.ts';
import type { Location } from '../../text/source.ts';
import { equalDims, type Dim } from '../../types/dim.ts';
import type { SizeStatement } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env, GuardSite, SizeDemand } from '../env.ts';
import type { Sized } from '../joints/shape-guards.ts';
import { decideIn } from '../types/size-facts.ts';

/** Who needs it, as a user knows it: the part of the library that was called, or else the operator. */
export function askedBy(operator: Operator, { deep }: Env): string {
  const part = deep!.entered.find(({ symbol }) => symbol.module.package === 'std');
  return part?.symbol.name ?? `onnx.${operator.name}`;
}

export const operatorSite = (operator: Operator, location: Location, env: Env): GuardSite => ({ location, to: `${askedBy(operator, env)}'s result`, from: `onnx.${operator.name}` });

/** Hands on the demands that are not met already; answers with those about sizes that no input of the model says. */
export const oweSizes = (demands: readonly SizeStatement[], inputs: readonly TensorType[], demand: Omit<SizeDemand, 'fact'>, env: Env): readonly SizeStatement[] =>
  demands.filter((fact) => {
    const isKnown = inputs.some((type) => ['proved', 'enforced'].includes(decideIn(env, fact, type)));
    return !isKnown && !env.deep!.sink.demand({ ...demand, fact });
  });

const count: TensorType = { kind: 'tensor', dtype: 'i32', shape: { axes: [] }, facts: [], evidence: 'proved' };

/**
 * What an operator made, behind a guard for these demands. They are asked of what it was given: of its result a runtime
 * believes the shape that it is said to have.
 */
export function guardMade(made: string, demands: readonly SizeStatement[], inputs: readonly Sized[], site: GuardSite, { deep, checker }: Env): string {
  if (demands.length === 0) return made;
  const sourceOf = (size: Dim): SizeSource | undefined =>
    inputs.flatMap(({ type }, input) => type.shape.axes.flatMap((axis, at) => (equalDims(axis.size, size) ? [{ input, axis: at }] : [])))[0];
  const untested = demands.find(({ left, right }) => !isSourced(left, sourceOf) || !isSourced(right, sourceOf));
  if (untested !== undefined) {
    const args = { operator: site.from, why: `it needs ${showStatement(untested)}, which cannot be tested when the model runs` };
    checker.diagnostics.push(partCodes.report('operator-type', args, site.location, { label: 'called here' }));
    return made;
  }
  const test = { demands, sourceOf };
  const counts = deep!.sink.operation(sizeTest(test), inputs.map(({ ref }) => ref), sizeTestAttributes(test), { inputs: inputs.map(({ type }) => type), output: count }, site.location);
  return deep!.sink.guard(made, { ...site, fact: { kind: 'shape', type: demands.map(showStatement).join(', '), violation: { mode: 'reject' } } }, { ref: counts });
}
