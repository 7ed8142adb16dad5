/** Calls that stand for themselves, with what is written of their arguments: of the library's parts, by their names, and of parts whose weights lead into a space. */
import type { AttributeValue } from '../../ops/operator.ts';
import type { Type } from '../../types/type.ts';
import { substituteType, type Bindings } from '../../types/bindings.ts';
import { showElementType } from '../../types/show.ts';
import type { Deep, Env, Parameter, Sink } from '../env.ts';
import { spaceOf, type Signature } from '../parts/signature.ts';
import type { Checker } from '../context.ts';
import type { Bound } from './arguments.ts';
import { collectingSink } from './collect.ts';
import { unknownValue, valueOf, type StaticValue, type Value } from './values.ts';

/** Whether a call may stand for itself: the library's body is the library's to write, and weights are bound to their space with the body that they were fitted for. */
export const standsForItself = (signature: Signature): boolean => signature.symbol.module.package === 'std' || intoSpace(signature) !== undefined;

const intoSpace = ({ symbol: { declaration }, result }: Signature): string | undefined => (declaration.weights === undefined ? undefined : spaceOf(result));

/** A call that is about to be followed, and how its body would be. */
interface Sealing {
  readonly signature: Signature;
  readonly bound: Bound;
  readonly bindings: Bindings;
  readonly type: Type;
  follow(deep: Deep): Value;
}

/** What a call gives; `follow` looks for the parameters of its body, and tells nothing else. */
export function sealedCall({ signature, bound, bindings, type, follow }: Sealing, deep: Deep, { checker }: Env, put: NonNullable<Sink['sealed']>): Value {
  const given = signature.tensors.flatMap((parameter) => refsOf(bound.tensors.get(parameter)?.value ?? unknownValue));
  const space = intoSpace(signature);
  const parameters = space === undefined ? parametersBelow(follow, deep, checker) : [];
  const owner = space === undefined ? {} : { owner: signature.symbol };
  const name = space === undefined ? partName(signature) : `into ${space}`;
  const attributes = new Map([...bound.statics].flatMap(([parameter, value]): [string, AttributeValue][] => {
    const isSaid = !signature.inferred.has(parameter.name) && !isSame(value, parameter.default);
    const shown = isSaid ? attributeOf(value) : undefined;
    return shown === undefined ? [] : [[parameter.name, shown]];
  }));
  const made = (field?: string): string => put({ name: field === undefined ? name : `${name}.${field}`, inputs: [...given, ...parameters], attributes, ...owner });
  const known = valueOf(substituteType(type, bindings));
  if (known.kind === 'tensor') return { ...known, ref: made() };
  return known.kind === 'record' ? { ...known, refs: new Map([...known.type.fields.keys()].map((field) => [field, made(field)])) } : known;
}

/** What a call leaves to the weights of who calls it, as that is called here. */
function parametersBelow(follow: Sealing['follow'], deep: Deep, checker: Checker): readonly string[] {
  const below: Parameter[] = [];
  follow({ ...deep, sink: collectingSink(below, checker) });
  return below.map((parameter) => deep.sink.parameter(parameter));
}

/** `text.mean_pool` */
const partName = ({ symbol: { name, module } }: Signature): string => `${module.uri.slice(module.uri.lastIndexOf('/') + 1).replace(/\.mdl$/, '')}.${name}`;

function refsOf(value: Value): readonly string[] {
  if (value.kind === 'tensor') return [value.ref ?? ''];
  return value.kind === 'record' ? [...value.type.fields.keys()].map((field) => value.refs?.get(field) ?? '') : [];
}

/** What a part does by itself is the library's to say, and the same where it is written out. */
const isSame = (value: StaticValue, otherwise: StaticValue | undefined): boolean => otherwise !== undefined && JSON.stringify(attributeOf(value)) === JSON.stringify(attributeOf(otherwise));

/** A compile-time argument as an operator would be told it; undefined for what computes nothing. */
function attributeOf(value: StaticValue): AttributeValue | undefined {
  switch (value.kind) {
    case 'number':
    case 'text':
    case 'flag':
      return value.value;
    case 'size':
      return value.size;
    case 'list':
      return value.values;
    case 'sizes':
      return value.sizes;
    case 'dtype':
      return showElementType(value.dtype);
    case 'nominal':
    case 'initializer':
      return undefined;
  }
}
