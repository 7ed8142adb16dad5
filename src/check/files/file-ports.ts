/** What a declaration says of an ONNX file, held against the file: names, types, and what nobody feeds. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { locate } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../../ir/graph.ts';
import { definedIn, reach } from '../../ir/needs.ts';
import { filesOfNetwork } from '../../ir/stored-tensors.ts';
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl, NameMap, ReplaceMember, StringLit } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import { at, type Location } from '../../text/source.ts';
import type { Fact, SizeStatement } from '../../types/fact.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Callable, Checker } from '../context.ts';
import { noteLooked } from '../recording.ts';
import { pathName, reportRepeated } from '../types/declarations.ts';
import { bindIdentity, foreignFile, noteForeign } from './files.ts';
import { compareFacts } from './file-facts.ts';
import { declareFix, fileType, namesFix } from './file-type-fix.ts';
import { otherOrder } from './named-classes.ts';
import { comparePorts, type Direction, type FilePort } from './file-types.ts';
import { memberRemoval, reportConstant, reportPort, reportTap, type Place } from './missing-ports.ts';
import { swappedPorts } from './swapped-ports.ts';
import { reportTraining } from './training-nodes.ts';
import { judgeLengths } from '../joints/text-lengths.ts';
import { judgeVocabularies } from '../joints/vocabulary.ts';
import { warnOfNotFiniteModel } from '../parts/finite-weights.ts';

/** The file's name for a tensor of a port, and where that is said. */
export interface TensorName {
  /** Of a record. */
  readonly field?: string;
  readonly onnx: string;
  readonly location: Location;
}

export interface DeclaredPort {
  readonly direction: Direction;
  readonly name: string;
  /** Unknown where an error was reported. */
  readonly type: Type;
  /** Undefined where an error about its names was reported. */
  readonly tensors: readonly TensorName[] | undefined;
  /** Where its type is written. */
  readonly written?: Location;
}

export interface FileDeclaration {
  readonly symbol: Symbol<Callable>;
  readonly path: StringLit;
  readonly ports: readonly DeclaredPort[];
}

/** `replace layer4 = …`: what reads a tensor in the file reads another value. */
export interface Replacement {
  /** The backbone that says so. */
  readonly symbol: Symbol<BackboneDecl>;
  readonly member: ReplaceMember;
  readonly onnx: string;
  /** The taps that the value is made of, by name. */
  readonly reads: ReadonlyMap<string, string>;
  /** What is known of those taps where they are read. */
  readonly taps: ReadonlyMap<string, TensorType>;
  /** What the value is known to be; before it is looked at, what the tap is declared to be. */
  readonly type: TensorType;
}

/** What the ports of a checked declaration stand for in its file. */
export interface FileBinding {
  readonly model: ForeignModel;
  /** Port to the file's tensors, a record's by field. */
  readonly inputs: ReadonlyMap<string, readonly Pick<TensorName, 'field' | 'onnx'>[]>;
  /** Field of the result to the file's tensor; "" where the result is one tensor. */
  readonly outputs: ReadonlyMap<string, string>;
  /** What the file needs of the sizes that are declared of its inputs. */
  readonly needs: readonly SizeStatement[];
  /** In an order in which each can be made. */
  readonly replacements: readonly Replacement[];
}

/** What a file says of the types that are declared. */
export interface FileVerdict {
  /** Ports whose types contradict the file. */
  readonly faulty: readonly FilePort[];
  /** Outputs and taps whose types follow from the inputs'. */
  readonly proved: readonly FilePort[];
  /** What is known of the values of outputs and taps. */
  readonly facts: ReadonlyMap<FilePort, readonly Fact[]>;
  /** What the file needs of declared sizes. */
  readonly needs: readonly SizeStatement[];
}

export interface CheckedFile extends FileVerdict {
  /** Undefined where there is no file that could be read. */
  readonly model?: ForeignModel;
}

export const nothingSaid: FileVerdict = { faulty: [], proved: [], facts: new Map(), needs: [] };

/** Reports what contradicts the file. Spaces that an output is said to lie in are what the file makes them. */
export function checkFile(declaration: FileDeclaration, checker: Checker): CheckedFile {
  const { symbol, path, ports } = declaration;
  const uri = foreignFile(path, 'backbone', symbol.module, checker);
  if (uri === undefined) return nothingSaid;
  const source = at(symbol.module, path.span);
  const model = checker.files.model(uri);
  if (!model.ok) {
    checker.diagnostics.push(locate(model.finding, source, { label: 'named here' }));
    return nothingSaid;
  }
  for (const file of filesOfNetwork(model.value)) {
    noteLooked(file, checker);
    noteForeign({ role: 'backbone', uri: file, location: source }, checker);
  }
  return { model: model.value, ...checkAgainst(model.value, { symbol, source, ports, fed: [], isWhole: !hasReplacements(symbol) }, checker) };
}

/** What is said of a file that has been read. */
export interface Statements extends Pick<FileDeclaration, 'symbol' | 'ports'> {
  /** Where the file is named. */
  readonly source: Location;
  /** Inputs of the file that are declared elsewhere. */
  readonly fed: readonly string[];
  /** Whether nothing inside the file is replaced, so that what follows from its graph holds. */
  readonly isWhole: boolean;
}

/** Reports what contradicts a file. */
export function checkAgainst(model: ForeignModel, { symbol, source, ports, fed, isWhole }: Statements, checker: Checker): FileVerdict {
  const verdict = checkPorts(ports, new Set(fed), isWhole, { file: checker.host.display(model.uri), model, source, checker, symbol });
  for (const port of ports) if (port.direction !== 'input') for (const uri of filesOfNetwork(model)) bindSpaces(port, uri, symbol, checker);
  return verdict;
}

const hasReplacements = ({ declaration }: Symbol<Callable>): boolean => declaration.kind === 'BackboneDecl' && declaration.members.some((member) => member.kind === 'ReplaceMember');

function bindSpaces({ type, tensors = [] }: DeclaredPort, uri: string, symbol: Symbol<Callable>, checker: Checker): void {
  for (const { field = '', onnx } of tensors) {
    const tensor = type.kind === 'record' ? type.fields.get(field) : type;
    for (const fact of tensor?.kind === 'tensor' ? tensor.facts : []) if (fact.kind === 'space') bindIdentity({ nominal: fact.nominal, uri, from: { symbol, onnx } }, checker);
  }
}

function checkPorts(declared: readonly DeclaredPort[], others: ReadonlySet<string>, isWhole: boolean, place: Place): FileVerdict {
  const { model, checker, symbol } = place;
  const fed = new Map<string, Location>();
  const named = new Set(declared.flatMap(({ direction, tensors = [] }) => (direction === 'input' ? tensors.map(({ onnx }) => onnx) : [])));
  let clear = true;
  const ports = declared.flatMap((port) => {
    if (port.tensors === undefined || port.type.kind === 'unknown') clear = false;
    return (port.tensors ?? []).flatMap((tensor) => {
      const known = isKnown(port.direction, tensor, { fed, named }, place);
      if (known === undefined) clear = false;
      const type = port.type.kind === 'record' ? port.type.fields.get(tensor.field ?? '') : port.type;
      return known && type?.kind === 'tensor' ? [filePort(port, tensor, type)] : [];
    });
  });
  // What seems to lack may be what a faulty port was meant for.
  if (clear) {
    const given = ports.flatMap(({ direction, onnx }) => (direction === 'input' ? [] : [onnx]));
    warnOfNotFiniteModel(model, given, place.file, place.source, checker);
    checker.diagnostics.push(...reportTraining(model, given, place.file, place.source));
    reportUnfed(ports, others, place);
    reportUnread(ports, place);
  }
  checker.diagnostics.push(...swappedPorts(ports, symbol.module, place.file));
  const { contradictions, proved, needs } = comparePorts(ports, model, place.file, symbol);
  checker.diagnostics.push(...contradictions.values());
  checker.diagnostics.push(...otherOrder(ports.filter(({ direction }) => direction === 'output'), model, place.file, place.source, checker));
  const vocabularies = judgeVocabularies(ports, model, checker);
  checker.diagnostics.push(...vocabularies.values(), ...judgeLengths(ports, model, checker));
  const sound = ports.filter((port) => !contradictions.has(port));
  const values = isWhole ? checker.files.withConstants((read) => compareFacts(sound, model, checker, read)) : undefined;
  checker.diagnostics.push(...(values?.contradictions.values() ?? []));
  return { faulty: [...contradictions.keys(), ...(values?.contradictions.keys() ?? [])], proved, facts: values?.facts ?? new Map(), needs };
}

const filePort = ({ direction, name, written }: DeclaredPort, { field, onnx, location }: TensorName, type: TensorType): FilePort => ({
  direction, port: name, field, name: field === undefined ? name : `${name}.${field}`, onnx, type, location, written: field === undefined ? written : undefined,
});

/** The file's inputs that are declared: all of them, and where those before. */
interface Named {
  readonly named: ReadonlySet<string>;
  readonly fed: Map<string, Location>;
}

/** Whether the file has a tensor of the name that may stand there; undefined where it has none. What is wrong is reported. */
function isKnown(direction: Direction, { onnx, location }: TensorName, { fed, named }: Named, place: Place): boolean | undefined {
  const { graph } = place.model;
  if (direction === 'tap') {
    if (definedIn(graph).has(onnx)) return true;
    reportTap(onnx, location, place);
    return undefined;
  }
  if (direction === 'output') {
    if (graph.outputs.includes(onnx)) return true;
    reportPort('output', onnx, graph.outputs, graph.outputs, location, place);
    return undefined;
  }
  const first = fed.get(onnx);
  fed.set(onnx, location);
  if (first !== undefined) {
    place.checker.diagnostics.push(foreignCodes.report('file-fed-twice', { file: place.file, name: onnx }, location, { label: 'again here', related: [{ location: first, text: 'first here' }], fixes: memberRemoval(location, place.symbol) }));
    return false;
  }
  if (graph.inputs.includes(onnx)) return true;
  if (graph.initializers.has(onnx)) reportConstant(onnx, location, place);
  else reportPort('input', onnx, graph.inputs, graph.inputs.filter((name) => !named.has(name)), location, place);
  return undefined;
}

/** Of the file's inputs those have to be fed that something declared depends on. */
function reportUnfed(ports: readonly FilePort[], others: ReadonlySet<string>, place: Place): void {
  const { graph } = place.model;
  const fed = new Set(others);
  for (const port of ports) if (port.direction === 'input') fed.add(port.onnx);
  const { values } = reach(graph, ports.filter((port) => port.direction !== 'input').map((port) => port.onnx), fed);
  for (const name of graph.inputs) {
    if (fed.has(name) || !values.has(name)) continue;
    const info = graph.types.get(name);
    const location = at(place.symbol.module, place.symbol.declaration.name.span);
    place.checker.diagnostics.push(
      foreignCodes.report('file-unfed', { file: place.file, name, type: (info && fileType(info)) ?? info?.dtype ?? 'of unknown type', owner: place.symbol.name }, location, {
        label: 'does not declare it',
        related: [{ location: place.source, text: 'this file' }],
        notes: place.symbol.declaration.kind === 'BackboneDecl' ? [`Write \`input NAME: TYPE from "${name}"\`.`] : [],
        fixes: declareFix('input', name, place.model, place.symbol),
      }),
    );
  }
}

/** Inputs that nothing declared depends on. */
function reportUnread(ports: readonly FilePort[], { model, checker, symbol }: Place): void {
  const given = ports.filter((port) => port.direction !== 'input');
  if (given.length === 0) return;
  const { values } = reach(model.graph, given.map((port) => port.onnx), new Set());
  for (const { direction, name, onnx, location } of ports) {
    if (direction !== 'input' || values.has(onnx)) continue;
    const notes = [`Nothing that is declared of what the file gives is made of its input "${onnx}".`];
    checker.diagnostics.push(nameCodes.report('unused-input', { name, owner: symbol.name }, location, { label: 'never read', notes }));
  }
}

// ---------------------------------------------------------------- names

/** The file's names for the tensors of a port, out of what is said behind `from` or `to`; undefined where that is at fault, which is reported. */
export function tensorNames(port: string, fields: readonly string[] | undefined, from: StringLit | NameMap | undefined, name: Location, symbol: Symbol<Callable>, checker: Checker): TensorName[] | undefined {
  const { module } = symbol;
  if (from === undefined) return fields?.map((field) => ({ field, onnx: field, location: name })) ?? [{ onnx: port, location: name }];
  if ((from.kind === 'NameMap') !== (fields !== undefined)) {
    const write = fields ? `{ ${fields.map((f) => `${f}: "…"`).join(', ')} }` : '"…"';
    checker.diagnostics.push(foreignCodes.report('file-names', { port, fields: fields ?? [] }, at(module, from.span), { label: `write \`${write}\``, fixes: namesFix(fields, from, symbol, checker) }));
    return undefined;
  }
  if (from.kind === 'StringLit') return [{ onnx: from.value, location: at(module, from.span) }];
  if (!checkMap(from, port, fields!, symbol, checker)) return undefined;
  return fields!.map((field) => {
    const entry = from.entries.find((e) => pathName(e).text === field);
    return { field, onnx: entry?.to.value ?? field, location: at(module, (entry?.to ?? from).span) };
  });
}

/** Whether a map names nothing but what there is, and that once. */
export function checkMap(map: NameMap, port: string, fields: readonly string[], { module }: Symbol, { diagnostics }: Checker): boolean {
  reportRepeated(map.entries.map((entry) => ({ name: pathName(entry) })), `the names of \`${port}\``, module, (d) => void diagnostics.push(d));
  const unknown = map.entries.filter((entry) => !fields.includes(pathName(entry).text));
  for (const entry of unknown) diagnostics.push(unknownField(pathName(entry).text, port, fields, at(module, pathName(entry).span)));
  return unknown.length === 0;
}

function unknownField(field: string, port: string, fields: readonly string[], location: Location) {
  const near = suggest(field, fields);
  return foreignCodes.report('file-port', { file: `\`${port}\``, what: 'field', name: field }, location, {
    ...mistyped(near, location, 'unknown'),
    notes: near ? [] : [`Its fields are ${fields.map((f) => `\`${f}\``).join(', ')}.`],
  });
}
