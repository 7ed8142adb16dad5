/** Sizes in a signature that no call can tell. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Location } from '../../text/source.ts';
import { suggest } from '../../text/suggest.ts';
import { bareSymbol, symbolsOf, toldBy } from '../../types/dim.ts';
import { unknownType, type Axis, type TensorType, type Type } from '../../types/type.ts';
import { chosenSizes } from '../types/chosen-sizes.ts';
import { isKind } from '../types/declarations.ts';
import { tensorsOf, type Signature } from './signature.ts';
import { sizeKey, type Report } from '../types/type-scope.ts';

/**
 * Sizes that a call can determine stand in an input, alone or as a multiple (`14*h`), or are a parameter; inputs and result may use no others.
 * Answers with the signature, in which what uses others is unknown.
 */
export function withoutUnboundSizes(signature: Signature, report: Report): Signature {
  const { scope, symbol } = signature;
  if (signature.tensors.some((t) => t.type.kind === 'unknown')) return signature;
  const bound = new Set([...signature.statics.map((s) => sizeKey(scope, s.name)), ...chosenSizes(signature.result).keys()]);
  // What need not be given says nothing of sizes.
  for (const type of signature.tensors.filter((t) => t.default === undefined).flatMap((t) => tensorsOf(t.type))) {
    for (const axis of type.shape.axes) bound.add(toldBy(axis.size)?.symbol.key ?? '');
  }
  const used = [...signature.tensors.map((t) => t.type), signature.result].flatMap(tensorsOf);
  const symbols = new Map(used.flatMap(sizesOf).map((s) => [s.key, s]));
  const names = [...symbols.values()].filter((s) => bound.has(s.key)).map((s) => s.name);
  for (const [key, { name }] of symbols) {
    if (bound.has(key) || symbol.module.unresolved.has(name)) continue;
    const seen = scope.seen.get(name);
    const location = seen !== undefined && isIn(signature, seen) ? seen : signature.resultLocation;
    report(unboundSize(name, key, signature, location, names));
  }
  const known = (type: Type): Type => (tensorsOf(type).flatMap(sizesOf).every(({ key }) => bound.has(key)) ? type : unknownType);
  return { ...signature, tensors: signature.tensors.map((t) => ({ ...t, type: known(t.type) })), result: known(signature.result) };
}

const sizesOf = (type: TensorType) => type.shape.axes.flatMap((axis) => symbolsOf(axis.size));

/** A captured name may stand in a contract of another file; the signature is the place to look then. */
const isIn = ({ symbol }: Signature, { uri, span }: Location): boolean => {
  const whole = symbol.declaration.span;
  return uri === symbol.module.uri && span.start >= whole.start && span.start < whole.end;
};

/** Whether the axes of a result on which a size stands consist of nothing else; undefined where an input has it, too. */
function standsAlone(key: string, { tensors, result }: Signature): boolean | undefined {
  const axesOf = (type: Type): readonly Axis[] => tensorsOf(type).flatMap(({ shape }) => shape.axes.filter(({ size }) => symbolsOf(size).some((s) => s.key === key)));
  return tensors.some(({ type }) => axesOf(type).length > 0) ? undefined : axesOf(result).every(({ size }) => bareSymbol(size) !== undefined);
}

function unboundSize(name: string, key: string, signature: Signature, location: Location, bound: readonly string[]) {
  const { symbol } = signature;
  const labels = [...symbol.module.names].filter(([, s]) => isKind(s, 'LabelsDecl')).map(([n]) => n);
  const near = suggest(name, [...bound, ...labels]);
  const place = mistyped(near, location, 'stands alone in no input');
  return partCodes.report('unbound-size', { name, part: symbol.name }, location, { ...place, notes: near === undefined ? notesOn(name, key, signature) : [] });
}

function notesOn(name: string, key: string, signature: Signature): readonly string[] {
  const rule = 'A size is known to a call when it is a number, an `int` parameter, or stands on an axis of an input, alone or times a number.';
  if (signature.symbol.declaration.kind !== 'BackboneDecl') return [rule];
  return standsAlone(key, signature) === true
    ? [rule, `What only the network can tell is \`some ${name}\`: it is another size at each call.`]
    : [rule, 'Name each axis as a whole, or as a multiple (`14*h`). What the network makes of its values is a size that it chooses: `some rows`.'];
}
