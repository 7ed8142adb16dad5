/**
 * Writes a program as one ONNX file by linking, not re-serialising: what others wrote passes as ranges of its file,
 * and only what must change, and what is ours, is built.
 */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { ByteSource } from '../../host/host.ts';
import { definedIn, reach } from '../../ir/needs.ts';
import { halveWeights } from '../../ir/passes/half-weights.ts';
import type { Link, Program } from '../../ir/program.ts';
import { convertFile } from '../convert/index.ts';
import { findEqualConstants, shareInitializers, type ReadElements } from './equal-weights.ts';
import { Fault, fileName } from '../read/fault.ts';
import type { OnnxFile } from '../read/file.ts';
import { createForeign } from './foreign.ts';
import { graphPieces } from './write-graph.ts';
import { planNames } from './value-names.ts';
import { planDims } from './dim-names.ts';
import { planFunctions, type FunctionUser } from './functions.ts';
import { planLinks } from './link-plan.ts';
import { metadataPieces } from './metadata.ts';
import { irVersionFor, mergeOpsets } from './opsets.ts';
import { joinPieces, lengthOf, record, type Piece } from './pieces.ts';
import { encodeModelHead } from './proto.ts';
import { modelField } from '../schema.ts';
import { storeWeights, type Storage } from './storage.ts';

/** What a composed file says of its making. */
export interface ComposeMeta {
  readonly producer: string;
  readonly producerVersion: string;
  readonly doc?: string;
  /** Lines of metadata, given the file's names for the program's values. */
  readonly metadata?: (names: ReadonlyMap<string, string>) => Readonly<Record<string, string>>;
}

export interface Composed {
  readonly pieces: readonly Piece[];
  /** Bytes of all pieces. */
  readonly byteLength: number;
  /** The file beside it that holds its weights; empty where they are inside. */
  readonly beside: readonly Piece[];
  /** URIs of the files that it refers to by path. */
  readonly referred: ReadonlySet<string>;
  /** The file's names for the program's values. */
  readonly names: ReadonlyMap<string, string>;
}

export interface ComposeOptions {
  /** Default: inside. */
  readonly storage?: Storage;
  /** What weights of our own are stored as; absent: as they are. */
  readonly weights?: 'f16';
  /** False: equal weights are stored as often as backbones and parts have them. */
  readonly share?: boolean;
}

/** Opens a file for reading, as a host does. */
export type OpenFile = (uri: string) => Outcome<ByteSource>;

/** More bytes no reader of ONNX takes in one file: protobuf counts them in 31 bits. */
const maxBytes = 2 ** 31 - 1;

/**
 * The composed file as pieces. `files` holds each linked file under its URI, as it was read; `open` is asked only
 * for files in which a name must change, or whose weights stay where they are. Equal arguments give equal bytes.
 */
export function composeProgram(
  whole: Program,
  files: ReadonlyMap<string, OnnxFile>,
  meta: ComposeMeta,
  open: OpenFile,
  { storage = { kind: 'inside' }, weights: precision, share = true }: ComposeOptions = {},
): Outcome<Composed> {
  const foreign = createForeign(open);
  try {
    const shared = share ? shareInitializers(whole, foreign.read) : whole;
    const program = precision === 'f16' ? halved(shared, foreign.read) : shared;
    const found = resolveLinks(program, files);
    const opsets = mergeOpsets(program, found);
    const links = convertFiles(found, opsets);
    const operations = program.steps.filter((step) => step.kind === 'operation');
    const functions = planFunctions(usersOf(links), operations, foreign.sameBytes);
    const plans = planLinks(program, links, share ? findEqualConstants(links, foreign.read) : 'apart');
    const dims = planDims(program, links);
    const names = planNames(program, plans);
    const weights = storeWeights(storage);
    const graph = graphPieces({ program, plans, dims, names, functions, foreign, weights });
    const head = encodeModelHead({
      irVersion: irVersionFor(program, links.values()),
      producer: meta.producer,
      producerVersion: meta.producerVersion,
      doc: meta.doc,
      opsets,
    });
    const pieces = joinPieces([
      head,
      ...metadataPieces(plans, meta.metadata?.(names.values) ?? {}),
      ...record(modelField.graph, graph),
      ...functions.written.flatMap(({ file, extent }) =>
        foreign.copy(file.uri, extent, 'Function', foreign.renamingFor(functions.operatorsOf(file), file.conversion)),
      ),
      ...[...new Set(links.values())].flatMap((file) =>
        file.layout.modelExtras.map(({ start, end }) => ({ uri: file.uri, offset: start, length: end - start })),
      ),
    ]);
    const byteLength = lengthOf(pieces);
    if (byteLength > maxBytes)
      return fail(onnxCodes.finding('onnx-too-large', { model: program.name, bytes: byteLength }));
    const beside = joinPieces(weights.beside);
    return succeed({ pieces, byteLength, beside, referred: weights.referred, names: names.values });
  } catch (error) {
    if (error instanceof Fault) return fail(error.finding);
    throw error;
  } finally {
    foreign.close();
  }
}

/** Throws a Fault where a weight is too large. */
function halved(program: Program, read: ReadElements): Program {
  const found = halveWeights(program, read);
  if ('program' in found) return found.program;
  const { weight, index, value } = found.overflow;
  throw new Fault(onnxCodes.finding('weights-overflow', { weight: weight.name, file: fileName(weight.weights!), index, value }, ['Build without --weights: float32 holds it. Where such a weight is a mistake of training, the part has to be learned anew.']));
}

/** Each link with its file. Throws a Fault where the file cannot be connected as the link says. */
function resolveLinks(program: Program, files: ReadonlyMap<string, OnnxFile>): ReadonlyMap<Link, OnnxFile> {
  const links = program.steps.filter((step) => step.kind === 'link');
  return new Map(links.map((link) => [link, resolveLink(link, files.get(link.model.uri))]));
}

function resolveLink(link: Link, file: OnnxFile | undefined): OnnxFile {
  const refuse = (reason: string): Fault =>
    new Fault(onnxCodes.finding('onnx-link', { link: link.name, file: fileName(link.model.uri), reason }));
  if (file === undefined) throw refuse('the file has not been read');
  const known = definedIn(file.graph);
  for (const { name } of file.layout.inputs) known.add(name);
  for (const name of link.inputs.keys()) if (!known.has(name)) throw refuse(`it has no input \`${name}\``);
  for (const name of link.outputs.keys()) if (!known.has(name)) throw refuse(`it has no tensor \`${name}\``);
  const { values } = reach(file.graph, link.outputs.keys(), link.inputs);
  for (const name of file.graph.inputs)
    if (values.has(name) && !link.inputs.has(name)) throw refuse(`nothing is connected to its input \`${name}\``);
  return file;
}

/** The files as files of one operator set. Links of one file stay links of one file. */
function convertFiles(links: ReadonlyMap<Link, OnnxFile>, opsets: ReadonlyMap<string, number>) {
  const cuts = new Map<OnnxFile, Link[]>();
  for (const [link, file] of links) cuts.set(file, [...(cuts.get(file) ?? []), link]);
  const converted = new Map([...cuts].map(([file, own]) => [file, convertFile(file, opsets, own)]));
  return new Map([...links].map(([link, file]) => [link, converted.get(file)!]));
}

function usersOf(links: ReadonlyMap<Link, OnnxFile>): readonly FunctionUser[] {
  const users = new Map<OnnxFile, FunctionUser>();
  for (const [link, file] of links) if (!users.has(file)) users.set(file, { file, name: link.name });
  return [...users.values()];
}
