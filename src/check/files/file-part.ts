/** A part whose body is an ONNX file: `head Old(e: Embedding) -> f32[batch, 2] source "./head.onnx" from { e: "x" } to "logits"`. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { resolvePath } from '../../names/paths.ts';
import type { NameMap, PartDecl, PartSource, StringLit } from '../../syntax/ast.ts';
import { showType } from '../../types/show.ts';
import { unknownType, type Type } from '../../types/type.ts';
import { withProved } from './backbone.ts';
import type { Checker } from '../context.ts';
import { pathName } from '../types/declarations.ts';
import { checkFileClaims } from './file-claims.ts';
import { checkFile, checkMap, tensorNames, type DeclaredPort, type TensorName } from './file-ports.ts';
import { removeClause } from '../edits.ts';
import { openPart, type Signature, type TensorParameter } from '../parts/signature.ts';
import { closedByFile, namesFix } from './file-type-fix.ts';

/** Holds the signature against the file; answers with what callers may rely on. */
export function checkFilePart(signature: Signature, source: PartSource, checker: Checker): Signature {
  const symbol = signature.symbol as Symbol<PartDecl>;
  const { declaration, module } = symbol;
  const report = (d: Diagnostic): void => void checker.diagnostics.push(d);
  for (const parameter of signature.statics) {
    report(partCodes.report('unsupported', { what: 'a compile-time parameter of a part that is a file' }, parameter.location));
  }
  if (declaration.weights !== undefined) {
    const notes = ['The file holds its weights itself.'];
    report(foreignCodes.report('weight-unneeded', { owner: symbol.name }, at(module, declaration.weights.span), { label: 'nothing to fill', notes, fixes: [removeClause('leave out the weights', declaration.weights, module)] }));
  }
  const asInFile = (port: string) => (): Fix[] => closedByFile(port, source, symbol, checker);
  const tensors = signature.tensors.map((parameter) => ({ ...parameter, type: closed(parameter.name, parameter.type, parameter.location, asInFile(parameter.name), report) }));
  const result = declaredByFile(closed(symbol.name, signature.result, signature.resultLocation, asInFile(symbol.name), report));
  const inputs = inputPorts(tensors, source, symbol, checker);
  const output: DeclaredPort = { direction: 'output', name: symbol.name, type: result, tensors: outputNames(result, source, symbol, checker), written: at(module, declaration.result.span) };
  const { model, faulty, proved, facts, needs } = checkFile({ symbol, path: source.path, ports: [...inputs, output] }, checker);
  if (model !== undefined) {
    checker.bindings.set(symbol, {
      model,
      inputs: new Map(inputs.map((port) => [port.name, port.tensors ?? []])),
      outputs: new Map((output.tensors ?? []).map(({ field = '', onnx }) => [field, onnx])),
      needs,
      replacements: [],
    });
    if (faulty.length === 0) checkFileClaims(inputs, output, model, symbol, checker);
  }
  const wrong = new Set(faulty.filter((port) => port.direction === 'input').map((port) => port.port));
  return {
    ...signature,
    tensors: tensors.map((t) => (wrong.has(t.name) ? { ...t, type: unknownType } : t)),
    result: faulty.some((port) => port.direction === 'output') ? unknownType : withProved(result, tensors.map(({ type }) => type), proved, facts),
  };
}

/** A file has one dtype and one rank for each of its tensors. */
function closed(port: string, type: Type, location: Signature['resultLocation'], fixes: () => readonly Fix[], report: (d: Diagnostic) => void): Type {
  const open = openPart(type);
  if (open === undefined) return type;
  report(partCodes.report('open-type', { port, type: showType(type), open }, location, { fixes: fixes() }));
  return unknownType;
}

/** Nothing but the file knows what it gives. */
function declaredByFile(type: Type): Type {
  if (type.kind === 'tensor') return { ...type, evidence: 'declared' };
  if (type.kind === 'record') return { ...type, fields: new Map([...type.fields].map(([name, field]) => [name, { ...field, evidence: 'declared' as const }])) };
  return type;
}

const fieldsOf = (type: Type): readonly string[] | undefined => (type.kind === 'record' ? [...type.fields.keys()] : undefined);

/** A lone input takes its names without its own; of several each stands in one map: `e`, or `tokens.ids`. */
function inputPorts(tensors: readonly TensorParameter[], { from }: PartSource, symbol: Symbol<PartDecl>, checker: Checker): DeclaredPort[] {
  const port = ({ name, type }: TensorParameter, names: readonly TensorName[] | undefined): DeclaredPort => ({ direction: 'input', name, type, tensors: names });
  const [lone] = tensors;
  if (tensors.length === 1 && lone!.type.kind !== 'unknown' && (from?.kind !== 'NameMap' || lone!.type.kind === 'record')) {
    return [port(lone!, tensorNames(lone!.name, fieldsOf(lone!.type), from, lone!.location, symbol, checker))];
  }
  if (tensors.some(({ type }) => type.kind === 'unknown')) return tensors.map((parameter) => port(parameter, undefined));
  const keys = tensors.flatMap(({ name, type }) => fieldsOf(type)?.map((field) => `${name}.${field}`) ?? [name]);
  if (from?.kind === 'StringLit') {
    const write = `from { ${keys.map((key) => `${key}: "…"`).join(', ')} }`;
    checker.diagnostics.push(foreignCodes.report('file-names', { port: symbol.name, fields: keys }, at(symbol.module, from.span), { label: `write \`${write}\``, fixes: namesFix(keys, from, symbol, checker) }));
    return tensors.map((parameter) => port(parameter, undefined));
  }
  if (from !== undefined && !checkMap(from, symbol.name, keys, symbol, checker)) return tensors.map((parameter) => port(parameter, undefined));
  return tensors.map((parameter) => port(parameter, mappedNames(parameter, from, symbol)));
}

function mappedNames({ name, type, location }: TensorParameter, from: NameMap | undefined, { module }: Symbol): TensorName[] {
  const entryOf = (key: string): StringLit | undefined => from?.entries.find((entry) => pathName(entry).text === key)?.to;
  const named = (key: string, otherwise: string) => {
    const to = entryOf(key);
    return { onnx: to?.value ?? otherwise, location: to === undefined ? location : at(module, to.span) };
  };
  return fieldsOf(type)?.map((field) => ({ field, ...named(`${name}.${field}`, field) })) ?? [named(name, name)];
}

/** Without `to` a lone result is the file's only output. */
function outputNames(result: Type, { to }: PartSource, symbol: Symbol<PartDecl>, checker: Checker): TensorName[] | undefined {
  if (result.kind === 'unknown') return undefined;
  const { declaration, module } = symbol;
  const location = at(module, declaration.result.span);
  const uri = to === undefined && result.kind === 'tensor' ? resolvePath(declaration.source!.path.value, module.uri) : undefined;
  const model = uri === undefined ? undefined : checker.files.model(uri);
  const only = model?.ok && model.value.graph.outputs.length === 1 ? model.value.graph.outputs[0] : undefined;
  if (only !== undefined) return [{ onnx: only, location }];
  return tensorNames(symbol.name, fieldsOf(result), to, location, symbol, checker);
}
