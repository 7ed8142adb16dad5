/**
 * What a body may be called with, where it leaves that open: each element type of a family, and both values of a flag. A number that
 * each caller gives another one of is NaN here, of which nothing follows. Axes behind `...` are one axis of any size: operators take
 * them row by row, or all elements, so that it makes no difference how they are counted.
 */
import type { DTypeVariable, TensorType } from '../../types/type.ts';
import { dtypeFamilies, type DType } from '../../types/dtype.ts';
import { substituteElementType, substituteTensor, type Bindings } from '../../types/bindings.ts';
import { symbolDim } from '../../types/dim.ts';
import { weakest } from '../../types/evidence.ts';
import type { Fact } from '../../types/fact.ts';
import type { Env, Local } from '../env.ts';
import type { Value } from '../expressions/values.ts';

/** More of them are not looked at. */
const mostInstances = 16;

/** The environment of a body for everything that it may be called with; none where those are too many, or not known. */
export function instancesOf(env: Env): readonly Env[] {
  const { declaration } = env.symbol;
  if (declaration.kind !== 'PartDecl') return [env];
  const given = new Map(declaration.params.flatMap(({ name }): [string, Local][] => {
    const local = env.locals.get(name.text);
    return local === undefined ? [] : [[name.text, local]];
  }));
  const values = [...given.values()].map(({ value }) => value);
  // What a text stands for, only the caller says.
  if (values.some(({ kind }) => kind === 'text')) return [];
  const tensors = values.flatMap(tensorsIn);
  const variables = new Map([...tensors.map(({ dtype }) => dtype), ...values.flatMap((value) => (value.kind === 'dtype' ? [value.dtype] : []))].flatMap((dtype) => (typeof dtype === 'string' ? [] : [[dtype.key, dtype] as const])));
  // Hardly an operator takes all dtypes, so that such a body holds for those that it is called with alone.
  if ([...variables.values()].some(({ parameter }) => parameter !== undefined)) return [];
  const flags = [...given].flatMap(([name, { value }]) => (value.kind === 'flag' && value.assumed ? [name] : []));
  const rests = new Map(tensors.flatMap(({ shape: { rest } }) => (rest === undefined ? [] : [[rest.key, { axes: [{ size: symbolDim({ key: rest.key, name: '…', kind: 'rigid' }) }] }] as const])));
  const choices = flags.reduce<readonly ReadonlyMap<string, boolean>[]>((all, name) => all.flatMap((one) => [true, false].map((value) => new Map([...one, [name, value]]))), [new Map()]);
  const typed = dtypesOf([...variables.values()]);
  if (choices.length * typed.length > mostInstances) return [];
  return typed.flatMap((dtypes) => choices.map((chosen) => {
    const bindings: Bindings = { ...env.bindings, dtypes: new Map([...env.bindings.dtypes, ...dtypes]), rests: new Map([...env.bindings.rests, ...rests]) };
    const locals = new Map([...env.locals].map(([name, local]): [string, Local] => [name, given.has(name) ? { ...local, value: instance(local.value, chosen.get(name), bindings) } : local]));
    return { ...env, bindings, locals };
  }));
}

const tensorsIn = (value: Value): readonly TensorType[] => (value.kind === 'tensor' ? [value.type] : value.kind === 'record' ? [...value.type.fields.values()] : []);

/** Every choice of element types for these. */
const dtypesOf = (variables: readonly DTypeVariable[]): readonly ReadonlyMap<string, DType>[] =>
  variables.reduce<readonly ReadonlyMap<string, DType>[]>((all, { key, family }) => all.flatMap((one) => dtypeFamilies[family].map((dtype) => new Map([...one, [key, dtype]]))), [new Map()]);

function instance(value: Value, flag: boolean | undefined, bindings: Bindings): Value {
  if (value.kind === 'tensor') return { ...value, type: substituteTensor(value.type, bindings) };
  if (value.kind === 'record') return { ...value, type: { ...value.type, fields: new Map([...value.type.fields].map(([name, type]) => [name, substituteTensor(type, bindings)])) } };
  if (value.kind === 'flag') return { kind: 'flag', value: flag ?? value.value };
  if (value.kind === 'number' && value.assumed) return { ...value, value: NaN };
  return value.kind === 'dtype' ? { ...value, dtype: substituteElementType(value.dtype, bindings) } : value;
}

/** What all of these lists say. */
export function commonFacts(lists: readonly (readonly Fact[])[]): readonly Fact[] {
  const [first, ...others] = lists;
  if (first === undefined) return [];
  return others.reduce<readonly Fact[]>((all, list) => all.flatMap((fact) => inBoth(fact, list)), first);
}

/** A fact as far as a list says it, too. */
function inBoth(fact: Fact, list: readonly Fact[]): readonly Fact[] {
  const other = list.find((one) => one.kind === fact.kind && (!('axis' in fact) || ('axis' in one && one.axis === fact.axis)));
  if (other === undefined) return [];
  const evidence = weakest(fact.evidence, other.evidence);
  if (fact.kind === 'range' && other.kind === 'range') {
    const { rows: _, wide: __, ...range } = fact;
    return [{ ...range, low: Math.min(fact.low, other.low), high: Math.max(fact.high, other.high), evidence }];
  }
  if ((fact.kind === 'sum' || fact.kind === 'norm') && (other.kind === 'sum' || other.kind === 'norm')) {
    const tolerance = Math.max(fact.tolerance, other.tolerance + Math.abs(fact.value - other.value));
    return [{ ...fact, tolerance, evidence }];
  }
  return [{ ...fact, evidence }];
}
