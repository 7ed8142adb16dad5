/**
 * What an operator, or a file, needs of sizes in a program. What depends on the inputs of the model is demanded of them; where a file
 * chooses a size, the graph looks at it.
 */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Operator } from '../../ops/operator.ts';
import { isSourced, sizeTest, sizeTestAttributes, type SizeSource } from '../../ops/shape-test.ts';
import type { Location } from '../../text/source.ts';
import type { Bindings } from '../../types/bindings.ts';
import { exactQuotients, withExact } from '../../types/congruences.ts';
import { equalDims, toldBy, type Dim } from '../../types/dim.ts';
import type { SizeStatement } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import { compareTensors, type SizeMismatch } from '../../types/match.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Env, GuardSite, SizeDemand } from '../env.ts';
import type { Sized } from '../joints/shape-guards.ts';
import { decideIn } from '../types/size-facts.ts';
import { tensorsOf } from '../parts/signature.ts';
import type { Value } from './values.ts';

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
    inputs.flatMap(({ type }, input) => type.shape.axes.flatMap((axis, at) => (equalDims(axis.size, size) ? [{ input, axis: at, factor: 1 }] : [])))[0];
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

/** What is compared is not below 0: that it is 0 is that it is not more. */
export const asAtLeast = (fact: SizeStatement): SizeStatement => (fact.op === '>=' ? fact : { ...fact, op: '>=', left: fact.right, right: fact.left });

/** Whether any size of a signature's type is a multiple of what its callers give. */
export const takesMultiples = (template: Type): boolean => tensorsOf(template).some(({ shape }) => shape.axes.some(({ size }) => (toldBy(size)?.factor ?? 1) !== 1));

/** What a call demands of its arguments' sizes because its signature takes multiples of them. */
const demandedMultiples = (template: TensorType, found: TensorType, bindings: Bindings): readonly SizeMismatch[] =>
  !takesMultiples(template)
    ? []
    : (compareTensors(template, found, bindings).filter((mismatch) => mismatch.kind === 'size' && mismatch.multiple !== undefined) as readonly SizeMismatch[]);

/** What a call gives, in the sizes that it was given: as `14*(n div 14)` is demanded to be `n`, it is `n` behind the call. */
export function inGivenSizes(result: Type, given: readonly { readonly template: TensorType; readonly found: TensorType }[], bindings: Bindings): Type {
  const exact = exactQuotients(given.flatMap(({ template, found }) => demandedMultiples(template, found, bindings).map(({ multiple }) => multiple!.fact)));
  const plain = (type: TensorType): TensorType => ({ ...type, shape: { ...type.shape, axes: type.shape.axes.map((axis) => ({ ...axis, size: withExact(axis.size, exact) })) } });
  if (exact.length === 0 || result.kind === 'unknown') return result;
  return result.kind === 'tensor' ? plain(result) : { ...result, fields: new Map([...result.fields].map(([name, field]) => [name, plain(field)])) };
}

/**
 * An argument whose sizes have to be multiples (`14*h`), as such: in the body it is `14*(n div 14)` long. That it is so is demanded of the
 * model's inputs, or else tested where it is handed over.
 */
export function withMultiples(value: Value, template: Type, bindings: Bindings, site: GuardSite, by: string, env: Env): Value {
  if (!takesMultiples(template)) return value;
  const behind = (found: TensorType, wanted: TensorType | undefined, ref: string | undefined): { readonly type: TensorType; readonly ref: string | undefined } => {
    const multiples = wanted === undefined ? [] : demandedMultiples(wanted, found, bindings);
    if (multiples.length === 0) return { type: found, ref };
    const axes = found.shape.axes.map((axis, i) => ({ ...axis, size: multiples.find((mismatch) => mismatch.axis === i)?.expected.size ?? axis.size }));
    const type: TensorType = { ...found, shape: { ...found.shape, axes } };
    if (env.deep === undefined || ref === undefined) return { type, ref };
    const untold = oweSizes(multiples.map(({ multiple }) => multiple!.fact), [found], { by, site: site.location }, env);
    return { type, ref: guardMade(ref, untold.map(asAtLeast), [{ type: found, ref }], site, env) };
  };
  if (value.kind === 'tensor' && template.kind === 'tensor') {
    const { type, ref } = behind(value.type, template, value.ref);
    return { ...value, type, ...(ref === undefined ? {} : { ref }) };
  }
  if (value.kind !== 'record' || template.kind !== 'record') return value;
  const fields = [...value.type.fields].map(([field, type]) => [field, behind(type, template.fields.get(field), value.refs?.get(field))] as const);
  const refs = fields.flatMap(([field, { ref }]) => (ref === undefined ? [] : [[field, ref] as const]));
  return { ...value, type: { ...value.type, fields: new Map(fields.map(([field, { type }]) => [field, type])) }, ...(value.refs === undefined ? {} : { refs: new Map(refs) }) };
}
