/**
 * Operators in a body that leaves a dtype to its callers (`to: dtype`). Unlike `float`, such a parameter may be any
 * dtype, and hardly an operator takes all of them: a body is right where some dtype fits each of its operators, and
 * each call is asked again with its own.
 */
import type { AttributeValues, Inference, Operator } from '../../ops/operator.ts';
import { allDTypes } from '../../types/dtype.ts';
import { showStatement } from '../../types/show.ts';
import type { DTypeVariable, ElementType, RecordType, TensorType } from '../../types/type.ts';

/** A `dtype` parameter; the families of a signature are checked for all their members. */
export const isAssumed = (dtype: unknown): dtype is DTypeVariable => typeof dtype === 'object' && dtype !== null && 'family' in dtype && 'parameter' in dtype;

/** What an operator gives for operands of which some have an assumed dtype: what it gives for all dtypes that it takes. */
export function inferAssuming(operator: Operator, types: readonly TensorType[], attributes: AttributeValues): Inference {
  const dtypes: readonly unknown[] = [...types.map((type) => type.dtype), ...attributes.values()];
  const variable = dtypes.find(isAssumed);
  if (variable === undefined) return operator.infer(types, attributes);
  // The parameter is none of the dtypes that stand beside it: nothing is cast silently.
  const candidates = allDTypes.filter((dtype) => !dtypes.includes(dtype));
  const tried = candidates.map((dtype) => {
    const put = (of: ElementType): ElementType => (isAssumed(of) && of.key === variable.key ? dtype : of);
    const given = new Map([...attributes].map(([name, value]) => [name, isAssumed(value) ? put(value) : value]));
    const inference = inferAssuming(operator, types.map((type) => ({ ...type, dtype: put(type.dtype) })), given);
    return inference.ok ? { ...inference, type: mapTensors(inference.type, (type) => (type.dtype === dtype ? { ...type, dtype: variable } : type)) } : undefined;
  });
  const [first, ...others] = tried.filter((inference) => inference !== undefined);
  // What is demanded of sizes, no dtype changes.
  return first === undefined ? operator.infer(types, attributes) : { ...first, type: others.reduce((type, other) => common(type, other.type), first.type) };
}

function mapTensors(type: TensorType | RecordType, change: (type: TensorType, field?: string) => TensorType): TensorType | RecordType {
  if (type.kind === 'tensor') return change(type);
  return { ...type, fields: new Map([...type.fields].map(([name, field]) => [name, change(field, name)])) };
}

/** The first with the facts that the second has, too. */
function common(a: TensorType | RecordType, b: TensorType | RecordType): TensorType | RecordType {
  const other = (field?: string): TensorType | undefined => (b.kind === 'tensor' ? b : b.fields.get(field ?? ''));
  return mapTensors(a, (type, field) => {
    const said = new Set(other(field)?.facts.map(showStatement));
    return { ...type, facts: type.facts.filter((fact) => said.has(showStatement(fact))) };
  });
}
