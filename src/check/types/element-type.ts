/** The names of element types. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic, Place } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { at, type Location } from '../../text/source.ts';
import type { Name } from '../../syntax/ast.ts';
import { nearest } from '../../text/suggest.ts';
import { dtypes, isDType, isDTypeFamily, type DTypeFamily } from '../../types/dtype.ts';
import type { ElementType } from '../../types/type.ts';
import type { TypeScope } from './type-scope.ts';

/** The element type that a name stands for: a dtype, a family, or a `dtype` parameter. Undefined where it is none, which is reported. */
export function elementType({ text: name, span }: Pick<Name, 'text' | 'span'>, scope: TypeScope, place?: Place): ElementType | undefined {
  scope.read.add(name);
  if (scope.dtypes.has(name)) return scope.dtypes.get(name);
  if (isDType(name)) return name;
  if (isDTypeFamily(name)) return familyOf(name, scope);
  if (name === '') return undefined;
  const location = at(scope.module, span);
  scope.report(place === undefined ? unknownDType(name, location, ['float', 'int', 'any', ...scope.dtypes.keys()]) : partCodes.report('unknown-dtype', { name }, location, place));
  return undefined;
}

/** A name that is no element type, with those that it may be: of ours, of those that have names here, or what is known to be meant. */
export function unknownDType(name: string, location: Location, others: readonly string[], meant?: readonly string[]): Diagnostic {
  const near = meant ?? spelledOut.get(name) ?? nearest(name, [...Object.keys(dtypes), ...others]);
  return partCodes.report('unknown-dtype', { name }, location, {
    ...mistyped(near, location, 'unknown'),
    notes: near.length > 0 ? [] : wrappers.test(name) ? ['A value is a tensor or a record, and every call gives all of them: a type says the element type and the axes, `f32[batch, 8]`, several are the fields of a `contract`.'] : ['Element types are f32, f64, f16, bf16, i8 to i64, u8 to u64, bool, string, and others of ONNX.'],
  });
}

/** `float` of a contract is that of whoever uses it, or what an argument on the way says: `Unit(float: f32)`. */
function familyOf(name: DTypeFamily, scope: TypeScope): ElementType | undefined {
  for (let user = scope.outer; user !== undefined; user = user.outer) {
    user.read.add(name);
    if (user.dtypes.has(name)) return user.dtypes.get(name);
  }
  return { key: `${scope.key}/${name}`, family: name };
}

/** What other languages put around types. */
const wrappers = /^(?:Optional|Union|List|Tuple|Sequence|Dict|Iterable|Annotated|list|tuple|dict)$/;

/** What other languages call them. */
export const spelledOut: ReadonlyMap<string, string> = new Map(Object.entries({
  float32: 'f32', float64: 'f64', double: 'f64', float16: 'f16', half: 'f16', bfloat16: 'bf16',
  int8: 'i8', int16: 'i16', int32: 'i32', int64: 'i64', long: 'i64',
  uint8: 'u8', byte: 'u8', uint16: 'u16', uint32: 'u32', uint64: 'u64', boolean: 'bool', str: 'string',
}));
