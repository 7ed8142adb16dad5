/** A backbone: its signature as declared, and the declaration against the ONNX file. */
import { foreignCodes } from '../diagnostics/codes/foreign.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { locate } from '../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../ir/graph.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { BackboneDecl, BackboneInput, BackboneOutput } from '../syntax/ast.ts';
import { suggest } from '../text/suggest.ts';
import type { Location } from '../text/source.ts';
import { showType } from '../types/show.ts';
import { unknownType, type TensorType, type Type } from '../types/type.ts';
import type { Checker } from './context.ts';
import { pathName, reportRepeated } from './declarations.ts';
import { bindIdentity, foreignFile } from './files.ts';
import { comparePorts, type FilePort } from './file-types.ts';
import { swappedPorts } from './swapped-ports.ts';
import { freeNames, openPart, withoutUnboundSizes, type Signature } from './signature.ts';
import { evaluateType } from './type-expr.ts';
import { rootScope } from './type-scope.ts';

/** The file's name for an input, or for a field of it. */
interface PortName {
  readonly field?: string;
  readonly onnx: string;
}

/** Which names of the file a backbone's ports stand for. */
export interface BackboneFile {
  readonly model: ForeignModel;
  /** Port to the file's inputs, a record's by field. */
  readonly inputs: ReadonlyMap<string, readonly PortName[]>;
  readonly outputs: ReadonlyMap<string, string>;
}

/** The file behind a checked backbone; undefined where it is missing or unreadable. */
export function backboneFile(symbol: Symbol<BackboneDecl>, checker: Checker): BackboneFile | undefined {
  const source = symbol.declaration.members.find((m) => m.kind === 'SourceClause');
  const use = source?.kind === 'SourceClause' ? checker.foreign.find((u) => u.location.uri === symbol.module.uri && u.location.span.start === source.path.span.start) : undefined;
  const model = use && checker.files.model(use.uri);
  if (!model?.ok) return undefined;
  const scope = rootScope(symbol.module, symbol.name, () => {});
  const inputs = new Map<string, PortName[]>();
  for (const input of inputsOf(symbol)) inputs.set(input.name.text, portNames(input, evaluateType(input.type, scope)));
  return { model: model.value, inputs, outputs: new Map(outputsOf(symbol).map((o) => [o.name.text, o.from?.value ?? o.name.text])) };
}

const inputsOf = (symbol: Symbol<BackboneDecl>): BackboneInput[] => symbol.declaration.members.filter((m) => m.kind === 'BackboneInput');
const outputsOf = (symbol: Symbol<BackboneDecl>): BackboneOutput[] => symbol.declaration.members.filter((m) => m.kind === 'BackboneOutput');

/** The file's name for each tensor of an input. Without `from` the names are the same. */
function portNames(input: BackboneInput, type: Type): PortName[] {
  if (type.kind !== 'record') return [{ onnx: input.from?.kind === 'StringLit' ? input.from.value : input.name.text }];
  const map = input.from?.kind === 'NameMap' ? input.from.entries : [];
  return [...type.fields.keys()].map((field) => ({ field, onnx: map.find((e) => e.path.length === 1 && e.path[0]!.text === field)?.to.value ?? field }));
}

export function backboneSignature(symbol: Symbol<BackboneDecl>, checker: Checker): Signature {
  const report = (d: Checker['diagnostics'][number]): void => void checker.diagnostics.push(d);
  const { declaration, module } = symbol;
  const scope = rootScope(module, symbol.name, report);
  const closed = (port: BackboneInput | BackboneOutput): Type => {
    const type = evaluateType(port.type, scope);
    return reportOpen(port, type, symbol, checker) ? unknownType : type;
  };
  const tensors = inputsOf(symbol).map((input) => ({ name: input.name.text, type: closed(input), location: at(module, input.span) }));
  const fields = new Map<string, TensorType>();
  for (const output of outputsOf(symbol)) {
    const type = closed(output);
    // Nothing but the file knows what it gives.
    if (type.kind === 'tensor') fields.set(output.name.text, { ...type, evidence: 'declared' });
    else if (type.kind === 'record') report(partCodes.report('unsupported', { what: 'a record as an output of a backbone' }, at(module, output.type.span)));
  }
  reportRepeated(inputsOf(symbol), `the inputs of \`${symbol.name}\``, module, report);
  reportRepeated(outputsOf(symbol), `the outputs of \`${symbol.name}\``, module, report);
  if (outputsOf(symbol).length === 0) {
    report(foreignCodes.report('backbone-output', { name: symbol.name }, at(module, declaration.name.span), { notes: ['Write `output NAME: TYPE from "NAME IN THE FILE"`.'] }));
  }
  const declared: Signature = {
    symbol,
    tensors,
    statics: [],
    // What is said of an output that could not be read was said there.
    result: fields.size > 0 && fields.size === outputsOf(symbol).length ? { kind: 'record', fields } : unknownType,
    resultLocation: at(module, declaration.name.span),
    free: freeNames(scope),
    keeps: new Set(),
    scope,
  };
  const signature = withoutUnboundSizes(declared, report);
  const faulty = checkAgainstFile(symbol, signature, signature.result.kind === declared.result.kind ? fields : new Map(), checker);
  return withoutFaulty(signature, faulty);
}

/** Of a port that contradicts the file nothing more is said: what does not fit it may fit the file. */
function withoutFaulty(signature: Signature, faulty: readonly FilePort[]): Signature {
  const inputs = faulty.filter((port) => port.direction === 'input').map((port) => port.port);
  const tensors = signature.tensors.map((t) => (inputs.includes(t.name) ? { ...t, type: unknownType } : t));
  return { ...signature, tensors, result: faulty.some((port) => port.direction === 'output') ? unknownType : signature.result };
}

/** A file has one dtype and one rank for each of its tensors. */
function reportOpen(port: BackboneInput | BackboneOutput, type: Type, symbol: Symbol<BackboneDecl>, checker: Checker): boolean {
  const open = openPart(type);
  if (open === undefined) return false;
  checker.diagnostics.push(partCodes.report('open-type', { port: port.name.text, type: showType(type), open }, at(symbol.module, port.type.span)));
  return true;
}

/** Reports what contradicts the file; answers with the ports whose types do. */
function checkAgainstFile(symbol: Symbol<BackboneDecl>, signature: Signature, outputs: Outputs, checker: Checker): readonly FilePort[] {
  const { declaration, module } = symbol;
  const sources = declaration.members.filter((m) => m.kind === 'SourceClause');
  if (sources.length !== 1) {
    const location = at(module, sources[1]?.span ?? declaration.name.span);
    const notes = sources.length === 0 ? ['Write `source "./model.onnx"` in it.'] : [];
    checker.diagnostics.push(foreignCodes.report('backbone-source', { name: symbol.name, count: sources.length }, location, { notes }));
    return [];
  }
  const { path } = sources[0]!;
  const uri = foreignFile(path, 'backbone', module, checker);
  if (uri === undefined) return [];
  const model = checker.files.model(uri);
  if (!model.ok) {
    checker.diagnostics.push(locate(model.finding, at(module, path.span), { label: 'named here' }));
    return [];
  }
  const place: Place = { file: checker.host.display(uri), model: model.value, source: at(module, path.span), checker, symbol };
  const faulty = checkPorts(signature, outputs, place);
  for (const type of outputs.values()) {
    for (const fact of type.facts) if (fact.kind === 'space') bindIdentity(fact.nominal, uri, checker);
  }
  return faulty;
}

type Outputs = ReadonlyMap<string, TensorType>;

interface Place {
  readonly file: string;
  readonly model: ForeignModel;
  readonly source: Location;
  readonly checker: Checker;
  readonly symbol: Symbol<BackboneDecl>;
}

function checkPorts(signature: Signature, outputs: Outputs, place: Place): readonly FilePort[] {
  const { symbol, model, checker } = place;
  const ports: FilePort[] = [];
  const fed = new Map<string, Location>();
  let clear = true;
  inputsOf(symbol).forEach((input, i) => {
    const { type } = signature.tensors[i]!;
    if (type.kind === 'unknown' || !checkNames(input, type, place)) clear = false;
    else for (const name of portNames(input, type)) clear = checkInput(input, type, name, fed, ports, place) && clear;
  });
  for (const output of outputsOf(symbol)) {
    const onnx = output.from?.value ?? output.name.text;
    const location = at(symbol.module, (output.from ?? output.name).span);
    const type = outputs.get(output.name.text);
    if (!model.graph.outputs.includes(onnx)) reportPort('output', onnx, model.graph.outputs, location, place);
    else if (type) ports.push({ direction: 'output', port: output.name.text, name: output.name.text, onnx, type, location });
  }
  // What seems to lack may be what a faulty input was meant for.
  if (clear) reportUnfed(fed, place);
  checker.diagnostics.push(...swappedPorts(ports, symbol.module, place.file));
  const contradictions = comparePorts(ports, model, place.file);
  checker.diagnostics.push(...contradictions.values());
  return [...contradictions.keys()];
}

/** One tensor of the file that an input stands for; false where the file has none of the name. */
function checkInput(input: BackboneInput, type: Type, { field, onnx }: PortName, fed: Map<string, Location>, ports: FilePort[], place: Place): boolean {
  const { symbol, model, checker, file } = place;
  const tensor = type.kind === 'record' ? type.fields.get(field!)! : (type as TensorType);
  const location = at(symbol.module, nameInFile(input, field).span);
  const first = fed.get(onnx);
  fed.set(onnx, location);
  if (first !== undefined) {
    checker.diagnostics.push(foreignCodes.report('file-fed-twice', { file, name: onnx }, location, { related: [{ location: first, text: 'first here' }] }));
  } else if (!model.graph.inputs.includes(onnx)) {
    reportPort('input', onnx, model.graph.inputs, location, place);
    return false;
  } else {
    ports.push({ direction: 'input', port: input.name.text, field, name: field === undefined ? input.name.text : `${input.name.text}.${field}`, onnx, type: tensor, location });
  }
  return true;
}

/** The node that gives a tensor its name in the file. */
function nameInFile(input: BackboneInput, field: string | undefined): { readonly span: Location['span'] } {
  if (input.from?.kind === 'StringLit') return input.from;
  if (input.from?.kind === 'NameMap') return input.from.entries.find((e) => e.path[0]?.text === field)?.to ?? input.from;
  return input.name;
}

/** Whether `from` gives a tensor one name, or a record one for each of some fields. */
function checkNames(input: BackboneInput, type: Type, { symbol, checker }: Place): boolean {
  const { from } = input;
  const fields = type.kind === 'record' ? [...type.fields.keys()] : undefined;
  if (from === undefined) return true;
  if ((from.kind === 'NameMap') !== (fields !== undefined)) {
    const write = fields ? `from { ${fields.map((f) => `${f}: "…"`).join(', ')} }` : 'from "…"';
    const args = { port: input.name.text, fields: fields ?? [] };
    checker.diagnostics.push(foreignCodes.report('file-names', args, at(symbol.module, from.span), { label: `write \`${write}\`` }));
    return false;
  }
  if (from.kind === 'StringLit') return true;
  const report = (d: Checker['diagnostics'][number]): void => void checker.diagnostics.push(d);
  reportRepeated(from.entries.map((entry) => ({ name: pathName(entry) })), `the names of \`${input.name.text}\``, symbol.module, report);
  const unknown = from.entries.filter((entry) => !fields!.includes(pathName(entry).text));
  for (const entry of unknown) report(unknownField(pathName(entry).text, input.name.text, fields!, at(symbol.module, pathName(entry).span)));
  return unknown.length === 0;
}

function unknownField(field: string, port: string, fields: readonly string[], location: Location) {
  const near = suggest(field, fields);
  return foreignCodes.report('file-port', { file: `\`${port}\``, what: 'field', name: field }, location, {
    ...mistyped(near, location, 'unknown'),
    notes: near ? [] : [`Its fields are ${fields.map((f) => `\`${f}\``).join(', ')}.`],
  });
}

function reportPort(what: 'input' | 'output', name: string, names: readonly string[], location: Location, place: Place): void {
  const near = suggest(name, names) ?? (names.length === 1 ? names[0] : undefined);
  const shown = names.slice(0, 8).map((n) => `"${n}"`).join(', ');
  const isString = place.symbol.module.source.text[location.span.start] === '"';
  place.checker.diagnostics.push(
    foreignCodes.report('file-port', { file: place.file, what, name }, location, {
      label: near ? `did you mean "${near}"?` : 'not in the file',
      related: [{ location: place.source, text: 'this file' }],
      notes: [`Its ${what}s are ${shown}${names.length > 8 ? ` and ${names.length - 8} more` : ''}.`],
      fixes: near && isString ? [{ title: `write "${near}"`, edits: [{ location, text: `"${near}"` }] }] : [],
    }),
  );
}

function reportUnfed(fed: ReadonlyMap<string, Location>, place: Place): void {
  const { graph } = place.model;
  for (const name of graph.inputs) {
    if (fed.has(name) || graph.initializers.has(name)) continue;
    const info = graph.types.get(name);
    place.checker.diagnostics.push(
      foreignCodes.report('file-unfed', { file: place.file, name, type: info?.dtype ?? 'of unknown type' }, at(place.symbol.module, place.symbol.declaration.name.span), {
        label: 'does not declare it',
        related: [{ location: place.source, text: 'this file' }],
        notes: [`Write \`input NAME: TYPE from "${name}"\`.`],
      }),
    );
  }
}
