/** Edits that bring a backbone's declaration to what its file says. */
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { TensorInfo } from '../../ir/graph.ts';
import { at, type Symbol } from '../../names/modules.ts';
import type { BackboneInput, BackboneOutput, TapMember } from '../../syntax/ast.ts';
import type { Location } from '../../text/source.ts';
import { bareSymbol, constantOf } from '../../types/dim.ts';
import type { Callable } from '../context.ts';
import { isKind } from '../types/declarations.ts';

type Member = BackboneInput | BackboneOutput | TapMember;

const membersOf = (symbol: Symbol<Callable>): readonly Member[] =>
  isKind(symbol, 'BackboneDecl') ? symbol.declaration.members.flatMap((m) => (m.kind === 'BackboneInput' || m.kind === 'BackboneOutput' || m.kind === 'TapMember' ? [m] : [])) : [];

/** Writes the file's type in the place of a declared one; sizes that the file leaves open keep the names that they have. */
export function typeFix(port: string, info: TensorInfo, symbol: Symbol<Callable>): Fix[] {
  const member = membersOf(symbol).find(({ name }) => name.text === port);
  const base = member?.type.base;
  if (base?.kind !== 'TensorTypeExpr' || info.dtype === undefined || info.dims === undefined) return [];
  const written = (span: { readonly start: number; readonly end: number }): string => symbol.module.source.text.slice(span.start, span.end);
  const declared = base.dims.length === info.dims.length ? base.dims : [];
  const dims = info.dims.map((dim, i) => {
    const own = declared[i];
    const label = own?.kind === 'DimItem' && own.label !== undefined ? `${own.label.text}: ` : '';
    const size = constantOf(dim);
    if (size !== undefined) return `${label}${size}`;
    const name = bareSymbol(dim)?.name ?? '';
    if (own?.kind === 'DimItem' && own.size.kind !== 'DimInt') return `${label}${written(own.size.span)}`;
    return /^[A-Za-z_]\w*$/.test(name) ? `${label}${name}` : undefined;
  });
  // A size that others are said in would be known to nobody any more.
  const lost = declared.flatMap((own, i) => (own.kind === 'DimItem' && own.size.kind === 'DimName' && constantOf(info.dims![i]!) !== undefined ? [own.size.name.text] : []));
  const others = membersOf(symbol).filter((other) => other !== member).map((other) => written(other.type.span)).join(' ');
  if (member!.kind === 'BackboneInput' && lost.some((name) => new RegExp(`\\b${name}\\b`).test(others))) return [];
  const text = `${info.dtype}[${dims.join(', ')}]`;
  if (dims.includes(undefined) || text === written(base.span)) return [];
  return [{ title: `write \`${text}\`, as the file has it`, edits: [{ location: at(symbol.module, base.span), text }] }];
}

/** Says behind a member which tensor of the file it is, where only its own name does. */
export function fromFix(onnx: string, location: Location, symbol: Symbol<Callable>): Fix[] {
  const member = membersOf(symbol).find(({ name }) => name.span.start === location.span.start);
  if (member === undefined || member.from !== undefined) return [];
  const { end } = member.span;
  return [{ title: `say that it is "${onnx}" there`, edits: [{ location: at(symbol.module, { start: end, end }), text: ` from "${onnx}"` }] }];
}

/** The one name of which another is a whole part: `ids` of `input_ids`. */
export function nameAround(name: string, names: readonly string[]): string | undefined {
  const words = (text: string): string => `_${text.replace(/[^A-Za-z0-9]+/g, '_').toLowerCase()}_`;
  const around = names.filter((each) => words(each).includes(words(name)) || (name.length > 2 && words(name).includes(words(each))));
  return around.length === 1 ? around[0] : undefined;
}
