/** Whether one part can stand in for another. */
import { at } from '../../text/source.ts';
import type { Symbol } from '../../names/modules.ts';
import { isBound, noBindings, substituteType } from '../../types/bindings.ts';
import type { Fact } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import { bindFrom, compareTensors, noFreeNames } from '../../types/match.ts';
import { showStatement, showTensor } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Callable } from '../context.ts';
import { signatureOf } from '../parts/part.ts';
import { tensorsOf, type Signature } from '../parts/signature.ts';
import type { ToolScope } from './scope.ts';

/** The signature of a part that a tool names; undefined where that is at fault. */
export const signatureFor = (symbol: Symbol<Callable>, scope: ToolScope): Signature | undefined =>
  signatureOf(symbol, scope.checker, at(scope.module, scope.symbol.declaration.name.span), scope.report);

/**
 * Why a part cannot take what another one takes: their tensors one by one, in their order, a record's by name. Whose
 * tokens they are may differ where `textAnew` is set: the texts are tokenised for each.
 */
export function inputsApart(expected: Signature, found: Signature, textAnew: boolean): string | undefined {
  const lacking = found.statics.find((parameter) => parameter.default === undefined);
  if (lacking !== undefined) return `\`${found.symbol.name}\` needs \`${lacking.name}\`, which nobody gives here`;
  const [theirs, ours] = [expected.tensors, found.tensors];
  if (theirs.length !== ours.length) return `one takes ${inputs(theirs.length)}, the other ${inputs(ours.length)}`;
  for (const [i, { type }] of theirs.entries()) {
    const why = apart(ours[i]!.type, type, found, { what: `its input \`${ours[i]!.name}\``, own: 'template' }, (fact) => textAnew && fact.kind === 'tokenizer');
    if (why !== undefined) return why;
  }
  return undefined;
}

const inputs = (count: number): string => (count === 1 ? 'one tensor or record' : `${count} inputs`);

/** Why a part does not give what another one gives. */
export function resultsApart(expected: Signature, found: Signature): string | undefined {
  const bindings = noBindings();
  found.tensors.forEach(({ type }, i) => bindAll(type, expected.tensors[i]?.type, found, bindings));
  const result = substituteType(found.result, bindings);
  return apart(expected.result, result, { ...expected, free: noFreeNames }, { what: 'its result', own: 'found' }, () => false);
}

function bindAll(template: Type, type: Type | undefined, { free }: Signature, bindings: ReturnType<typeof noBindings>): void {
  const [templates, founds] = [template, type ?? template].map(fieldsOf);
  for (const [field, tensor] of templates!) {
    const other = founds!.get(field);
    if (other !== undefined && other !== tensor) bindFrom(tensor, other, free, bindings);
  }
}

const fieldsOf = (type: Type): ReadonlyMap<string, TensorType> => (type.kind === 'record' ? type.fields : type.kind === 'tensor' ? new Map([['', type]]) : new Map());

/** Why a value of the type `found` cannot stand where `template` is demanded. `own` is the side that `what` belongs to. */
function apart(template: Type, found: Type, { free }: Pick<Signature, 'free'>, { what, own }: { readonly what: string; readonly own: 'template' | 'found' }, ignored: (fact: Fact) => boolean): string | undefined {
  if (template.kind === 'unknown' || found.kind === 'unknown') return undefined;
  if (template.kind !== found.kind) return `${what} is ${template.kind === 'record' ? 'a record' : 'a tensor'} in one and ${found.kind === 'record' ? 'a record' : 'a tensor'} in the other`;
  const bindings = noBindings();
  const founds = fieldsOf(found);
  for (const [field, tensor] of fieldsOf(template)) {
    const other = founds.get(field);
    if (other === undefined) return `${what} needs the field \`${field}\``;
    bindFrom(tensor, other, free, bindings);
    // What is named on both sides is each side's own; only what both say in numbers can differ.
    const mismatches = compareTensors(tensor, other, bindings).filter((mismatch) => mismatch.kind !== 'size' || isConstant(tensor, other));
    const [its, others] = own === 'template' ? [tensor, other] : [other, tensor];
    if (mismatches.length > 0) return `${what} is ${showTensor(its)}, not ${showTensor(others)}`;
    const fact = tensor.facts.find((f) => !ignored(f) && implying(other, f) === undefined);
    if (fact !== undefined) return `${what} needs ${showStatement(fact)}`;
  }
  return undefined;
}

/** Whether two tensors differ on an axis whose sizes are numbers on both sides. */
function isConstant(a: TensorType, b: TensorType): boolean {
  const none = noBindings();
  const fixed = (tensor: TensorType, i: number): boolean => isBound(tensor.shape.axes[i]!.size, none, allSymbols([a, b]));
  return a.shape.axes.some((axis, i) => b.shape.axes[i] !== undefined && fixed(a, i) && fixed(b, i) && JSON.stringify(axis.size) !== JSON.stringify(b.shape.axes[i].size));
}

const allSymbols = (tensors: readonly TensorType[]): ReadonlySet<string> =>
  new Set(tensors.flatMap((t) => tensorsOf(t)).flatMap((t) => t.shape.axes.flatMap(({ size }) => size.terms.flatMap((term) => term.symbols.map((s) => s.key)))));
