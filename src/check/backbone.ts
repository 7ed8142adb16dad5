/** A backbone: its signature as declared, and the declaration against the ONNX file. */
import { foreignCodes } from '../diagnostics/codes/foreign.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { locate } from '../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../ir/graph.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { BackboneDecl, BackboneInput, BackboneOutput, Name } from '../syntax/ast.ts';
import { suggest } from '../text/suggest.ts';
import type { Location } from '../text/source.ts';
import type { TensorType, Type } from '../types/type.ts';
import type { Checker } from './context.ts';
import { bindIdentity, foreignFile } from './files.ts';
import { comparePort, type FilePort } from './file-types.ts';
import { freeNames, reportUnboundSizes, type Signature } from './signature.ts';
import { evaluateType } from './type-expr.ts';
import { rootScope } from './type-scope.ts';

/** Which names of the file a backbone's ports stand for. */
export interface BackboneFile {
  readonly model: ForeignModel;
  /** Port to the file's inputs, a record's by field. */
  readonly inputs: ReadonlyMap<string, readonly { readonly field?: string; readonly onnx: string }[]>;
  readonly outputs: ReadonlyMap<string, string>;
}

/** The file behind a checked backbone; undefined where it is missing or unreadable. */
export function backboneFile(symbol: Symbol<BackboneDecl>, checker: Checker): BackboneFile | undefined {
  const source = symbol.declaration.members.find((m) => m.kind === 'SourceClause');
  const use = source?.kind === 'SourceClause' ? checker.foreign.find((u) => u.location.uri === symbol.module.uri && u.location.span.start === source.path.span.start) : undefined;
  const model = use && checker.files.model(use.uri);
  if (!model?.ok) return undefined;
  const scope = rootScope(symbol.module, symbol.name, () => {});
  const inputs = new Map<string, { field?: string; onnx: string }[]>();
  for (const input of inputsOf(symbol)) inputs.set(input.name.text, portNames(input, evaluateType(input.type, scope)));
  return { model: model.value, inputs, outputs: new Map(outputsOf(symbol).map((o) => [o.name.text, o.from?.value ?? o.name.text])) };
}

const inputsOf = (symbol: Symbol<BackboneDecl>): BackboneInput[] => symbol.declaration.members.filter((m) => m.kind === 'BackboneInput');
const outputsOf = (symbol: Symbol<BackboneDecl>): BackboneOutput[] => symbol.declaration.members.filter((m) => m.kind === 'BackboneOutput');

/** The file's name for each tensor of an input. Without `from` the names are the same. */
function portNames(input: BackboneInput, type: Type): { field?: string; onnx: string }[] {
  if (type.kind !== 'record') return [{ onnx: input.from?.kind === 'StringLit' ? input.from.value : input.name.text }];
  const map = input.from?.kind === 'NameMap' ? input.from.entries : [];
  return [...type.fields.keys()].map((field) => ({ field, onnx: map.find((e) => e.path.length === 1 && e.path[0]!.text === field)?.to.value ?? field }));
}

export function backboneSignature(symbol: Symbol<BackboneDecl>, checker: Checker): Signature {
  const report = (d: Checker['diagnostics'][number]): void => void checker.diagnostics.push(d);
  const { declaration, module } = symbol;
  const scope = rootScope(module, symbol.name, report);
  const tensors = inputsOf(symbol).map((input) => ({ name: input.name.text, type: evaluateType(input.type, scope), location: at(module, input.span) }));
  const fields = new Map<string, TensorType>();
  for (const output of outputsOf(symbol)) {
    const type = evaluateType(output.type, scope);
    // Nothing but the file knows what it gives.
    if (type.kind === 'tensor') fields.set(output.name.text, { ...type, evidence: 'declared' });
  }
  if (outputsOf(symbol).length === 0) {
    report(foreignCodes.report('backbone-output', { name: symbol.name }, at(module, declaration.name.span), { notes: ['Write `output NAME: TYPE from "NAME IN THE FILE"`.'] }));
  }
  const signature: Signature = {
    symbol,
    tensors,
    statics: [],
    result: { kind: 'record', fields },
    resultLocation: at(module, declaration.name.span),
    free: freeNames(scope),
    keeps: new Set(),
    scope,
  };
  reportUnboundSizes(signature, report);
  checkAgainstFile(symbol, signature, checker);
  return signature;
}

function checkAgainstFile(symbol: Symbol<BackboneDecl>, signature: Signature, checker: Checker): void {
  const { declaration, module } = symbol;
  const sources = declaration.members.filter((m) => m.kind === 'SourceClause');
  if (sources.length !== 1) {
    const location = at(module, sources[1]?.span ?? declaration.name.span);
    const notes = sources.length === 0 ? ['Write `source "./model.onnx"` in it.'] : [];
    checker.diagnostics.push(foreignCodes.report('backbone-source', { name: symbol.name, count: sources.length }, location, { notes }));
    return;
  }
  const { path } = sources[0]!;
  const uri = foreignFile(path, 'backbone', module, checker);
  if (uri === undefined) return;
  const model = checker.files.model(uri);
  if (!model.ok) {
    checker.diagnostics.push(locate(model.finding, at(module, path.span), { label: 'named here' }));
    return;
  }
  const place: Place = { file: checker.host.display(uri), model: model.value, source: at(module, path.span), checker, symbol };
  checkPorts(signature, place);
  for (const type of (signature.result as { fields: ReadonlyMap<string, TensorType> }).fields.values()) {
    for (const fact of type.facts) if (fact.kind === 'space') bindIdentity(fact.nominal, uri, checker);
  }
}

interface Place {
  readonly file: string;
  readonly model: ForeignModel;
  readonly source: Location;
  readonly checker: Checker;
  readonly symbol: Symbol<BackboneDecl>;
}

function checkPorts(signature: Signature, place: Place): void {
  const { symbol, model, checker } = place;
  const { graph } = model;
  const ports: FilePort[] = [];
  const fed = new Map<string, Location>();
  inputsOf(symbol).forEach((input, i) => {
    const type = signature.tensors[i]!.type;
    if (type.kind === 'unknown') return;
    reportUnknownFields(input, type, symbol, checker);
    for (const { field, onnx } of portNames(input, type)) {
      const tensor = type.kind === 'tensor' ? type : type.fields.get(field!)!;
      const location = at(symbol.module, nameInFile(input, field).span);
      if (fed.has(onnx)) {
        checker.diagnostics.push(foreignCodes.report('file-fed-twice', { file: place.file, name: onnx }, location, { related: [{ location: fed.get(onnx)!, text: 'first here' }] }));
      } else if (!graph.inputs.includes(onnx)) {
        reportPort('input', onnx, graph.inputs, location, place);
      } else {
        ports.push({ direction: 'input', name: field === undefined ? input.name.text : `${input.name.text}.${field}`, onnx, type: tensor, location });
      }
      fed.set(onnx, location);
    }
  });
  const outputs = (signature.result as { fields: ReadonlyMap<string, TensorType> }).fields;
  for (const output of outputsOf(symbol)) {
    const onnx = output.from?.value ?? output.name.text;
    const location = at(symbol.module, (output.from ?? output.name).span);
    const type = outputs.get(output.name.text);
    if (!graph.outputs.includes(onnx)) reportPort('output', onnx, graph.outputs, location, place);
    else if (type) ports.push({ direction: 'output', name: output.name.text, onnx, type, location });
  }
  reportUnfed(fed, place);
  checker.diagnostics.push(...comparePort(ports, model, place.file));
}

/** The node that gives a tensor its name in the file. */
function nameInFile(input: BackboneInput, field: string | undefined): { readonly span: Location['span'] } {
  if (input.from?.kind === 'StringLit') return input.from;
  if (input.from?.kind === 'NameMap') return input.from.entries.find((e) => e.path[0]?.text === field)?.to ?? input.from;
  return input.name;
}

function reportUnknownFields(input: BackboneInput, type: Type, symbol: Symbol<BackboneDecl>, checker: Checker): void {
  if (input.from?.kind !== 'NameMap') return;
  const fields = type.kind === 'record' ? [...type.fields.keys()] : [];
  for (const { path } of input.from.entries) {
    const name: Name | undefined = path[0];
    if (path.length === 1 && fields.includes(name!.text)) continue;
    const location = at(symbol.module, name?.span ?? input.span);
    checker.diagnostics.push(unknownField(path.map((p) => p.text).join('.'), input.name.text, fields, location));
  }
}

function unknownField(field: string, port: string, fields: readonly string[], location: Location) {
  const near = suggest(field, fields);
  return foreignCodes.report('file-port', { file: `\`${port}\``, what: 'field', name: field }, location, {
    ...mistyped(near, location, 'unknown'),
    notes: near ? [] : [fields.length > 0 ? `Its fields are ${fields.map((f) => `\`${f}\``).join(', ')}.` : 'It is one tensor: write `from "NAME"`.'],
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
