/** Edits that bring a declaration to what its file says. */
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel, TensorInfo } from '../../ir/graph.ts';
import type { Symbol } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import type { BackboneInput, BackboneOutput, NameMap, PartSource, StringLit, TapMember, TypeExpr } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { bareSymbol, constantOf } from '../../types/dim.ts';
import type { Callable, Checker } from '../context.ts';
import { insertAt, replaceAt } from '../edits.ts';
import { isKind } from '../types/declarations.ts';

type Member = BackboneInput | BackboneOutput | TapMember;

const membersOf = (symbol: Symbol<Callable>): readonly Member[] =>
  isKind(symbol, 'BackboneDecl') ? symbol.declaration.members.flatMap((m) => (m.kind === 'BackboneInput' || m.kind === 'BackboneOutput' || m.kind === 'TapMember' ? [m] : [])) : [];

/** A port that a file has, as it is declared. */
interface Declared {
  readonly name: string;
  readonly type: TypeExpr;
  readonly isInput: boolean;
}

/** The ports of a backbone, or of a part whose body is a file, whose result goes by the part's name. */
function declaredPorts(symbol: Symbol<Callable>): readonly Declared[] {
  const { declaration } = symbol;
  if (declaration.kind === 'BackboneDecl') return membersOf(symbol).map(({ kind, name, type }) => ({ name: name.text, type, isInput: kind === 'BackboneInput' }));
  const inputs = declaration.params.flatMap(({ name, type }) => (type.kind === 'TypeExpr' ? [{ name: name.text, type, isInput: true }] : []));
  return [...inputs, { name: symbol.name, type: declaration.result, isInput: false }];
}

/** Closes a type that a file has one element type and one rank for: as the file has it. */
export function closedByFile(port: string, source: PartSource, symbol: Symbol<Callable>, checker: Checker): Fix[] {
  const graph = fileOf(symbol, checker)?.graph;
  const declared = declaredPorts(symbol).find(({ name }) => name === port);
  if (graph === undefined || declared?.type.base.kind !== 'TensorTypeExpr') return [];
  const [names, all] = declared.isInput ? [source.from, graph.inputs] : [source.to, graph.outputs];
  const named = names?.kind === 'NameMap' ? names.entries.find(({ path }) => path.map(({ text }) => text).join('.') === port)?.to.value : names?.value;
  const onnx = named ?? (all.length === 1 ? all[0] : undefined);
  const info = onnx === undefined ? undefined : graph.types.get(onnx);
  const text = info && fileType(info);
  return text === undefined ? [] : [{ title: `write \`${text}\`, as the file has it`, edits: [replaceAt(declared.type.base.span, text, symbol.module)] }];
}

/** Writes the file's type in the place of a declared one; sizes that the file leaves open keep the names that they have. */
export function typeFix(port: string, info: TensorInfo, symbol: Symbol<Callable>): Fix[] {
  const member = declaredPorts(symbol).find(({ name }) => name === port);
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
  const others = declaredPorts(symbol).filter((other) => other.name !== port).map((other) => written(other.type.span)).join(' ');
  if (member!.isInput && lost.some((name) => new RegExp(`\\b${name}\\b`).test(others))) return [];
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

// ---------------------------------------------------------------- what is not declared yet

const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text);

/** `i64[batch, seq]`; undefined where the file leaves the dtype, the rank or a size open. `sizes` are the names that its sizes have here. */
export function fileType({ dtype, dims }: TensorInfo, sizes: ReadonlyMap<string, string> = new Map()): string | undefined {
  const shown = dims?.map((dim) => {
    const name = bareSymbol(dim)?.name ?? '';
    return constantOf(dim)?.toString() ?? sizes.get(name) ?? (isName(name) ? name : undefined);
  });
  return dtype === undefined || shown === undefined || shown.includes(undefined) ? undefined : `${dtype}[${shown.join(', ')}]`;
}

/** Declares an input or an output of the file as it is there, behind the last one of its kind. */
export function declareFix(what: 'input' | 'output', onnx: string, { graph }: ForeignModel, symbol: Symbol<Callable>): Fix[] {
  const info = graph.types.get(onnx);
  const type = info && fileType(info, sizeNames(graph, symbol));
  const own = onnx.replace(/\W+/g, '_').replace(/^(?=\d)|^_+/, '');
  const { declaration, module } = symbol;
  if (type === undefined || own === '' || declaration.kind !== 'BackboneDecl' || membersOf(symbol).some(({ name }) => name.text === own)) return [];
  const before = declaration.members.findLast(({ kind }) => kind === (what === 'input' ? 'BackboneInput' : 'BackboneOutput')) ?? declaration.members.at(-1);
  const text = `${what} ${own}: ${type}${own === onnx ? '' : ` from "${onnx}"`}`;
  return before === undefined ? [] : [{ title: `declare the ${what} "${onnx}" of the file`, edits: [insertAt(before.span.end, `\n  ${text}`, module)] }];
}

/** What the declaration calls the sizes that the file has names for. */
function sizeNames({ types }: ForeignModel['graph'], symbol: Symbol<Callable>): ReadonlyMap<string, string> {
  return new Map(
    membersOf(symbol).flatMap(({ name, type: { base }, from }) => {
      const dims = from?.kind === 'NameMap' ? undefined : types.get(from?.value ?? name.text)?.dims;
      if (base.kind !== 'TensorTypeExpr' || dims?.length !== base.dims.length) return [];
      return base.dims.flatMap((own, i): [string, string][] => {
        const symbolOf = bareSymbol(dims[i]!);
        return symbolOf !== undefined && own.kind === 'DimItem' && own.size.kind === 'DimName' ? [[symbolOf.name, own.size.name.text]] : [];
      });
    }),
  );
}

// ---------------------------------------------------------------- one name, or one for each field

/** Names of the file in the form that the port needs: those whose words hold the fields', or the one of a map that has one. */
export function namesFix(fields: readonly string[] | undefined, from: StringLit | NameMap, symbol: Symbol<Callable>, checker: Checker): Fix[] {
  const fix = (text: string): Fix[] => [{ title: `write \`${text}\``, edits: [replaceAt(from.span, text, symbol.module)] }];
  if (fields === undefined) return from.kind === 'NameMap' && from.entries.length === 1 ? fix(JSON.stringify(from.entries[0]!.to.value)) : [];
  const inputs = fileOf(symbol, checker)?.graph.inputs ?? [];
  const names = fields.map((field) => (inputs.includes(field) ? field : nameAround(field.split('.').at(-1)!, inputs)));
  return names.includes(undefined) || new Set(names).size < names.length ? [] : fix(`{ ${fields.map((field, i) => `${field}: "${names[i]}"`).join(', ')} }`);
}

/** The outputs of its file that a backbone without any could declare. */
export function outputFixes(symbol: Symbol<Callable>, checker: Checker): Fix[] {
  const model = fileOf(symbol, checker);
  return model === undefined ? [] : model.graph.outputs.slice(0, 4).flatMap((name) => declareFix('output', name, model, symbol));
}

function fileOf({ declaration, module }: Symbol<Callable>, { files, host }: Checker): ForeignModel | undefined {
  const path = declaration.kind === 'BackboneDecl' ? declaration.members.find((member) => member.kind === 'SourceClause')?.path : declaration.source?.path;
  const uri = path && resolvePath(path.value, module.uri);
  const model = uri === undefined || host.stat(uri) === undefined ? undefined : files.model(uri);
  return model?.ok ? model.value : undefined;
}
