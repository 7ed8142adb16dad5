/** Which argument decided what a generic parameter is in a call: later ones are held to it, and none of them says so. */
import type { Diagnostic, Label } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { Type } from '../../types/type.ts';
import { showElementType } from '../../types/show.ts';
import type { Env } from '../env.ts';
import { tensorsOf, type StaticParameter, type TensorParameter } from '../parts/signature.ts';
import type { Argument } from './call.ts';
import type { StaticValue } from './values.ts';

interface Given {
  readonly tensors: ReadonlyMap<TensorParameter, Argument>;
  readonly statics: ReadonlyMap<StaticParameter, StaticValue>;
}

const dtypeKeys = (type: Type): readonly string[] => tensorsOf(type).flatMap(({ dtype }) => (typeof dtype === 'string' ? [] : [dtype.key]));
const nominalKeys = (type: Type): readonly string[] =>
  tensorsOf(type).flatMap(({ facts }) => facts.flatMap((fact) => ((fact.kind === 'space' || fact.kind === 'tokenizer') && fact.nominal.parameter ? [fact.nominal.id] : [])));

const keysOf: Readonly<Record<string, (type: Type) => readonly string[]>> = { 'dtype-mismatch': dtypeKeys, 'space-mismatch': nominalKeys, 'tokenizer-mismatch': nominalKeys };

/** Where it says what it takes itself, or was told by name, nothing is added. */
export function besideDecider(env: Env, parameter: TensorParameter, { tensors, statics }: Given): Env {
  const report = (diagnostic: Diagnostic): void => {
    const keys = keysOf[diagnostic.code]?.(parameter.type) ?? [];
    const told = [...statics.keys()].some(({ name }) => keys.some((key) => key.endsWith(`/${name}`)));
    const first = told ? undefined : [...tensors].find(([{ type }]) => keysOf[diagnostic.code]?.(type).some((key) => keys.includes(key)));
    env.report(first === undefined || first[0] === parameter ? diagnostic : { ...diagnostic, related: [...diagnostic.related, decided(first[1], diagnostic.code, env)] });
  };
  return { ...env, report };
}

function decided({ value, expr }: Argument, code: string, env: Env): Label {
  const said = code === 'dtype-mismatch' && value.kind === 'tensor' ? `makes it ${showElementType(value.type.dtype)} in this call` : `decides the ${code.split('-')[0]} in this call`;
  return { location: at(env.scope.module, expr.span), text: said };
}
