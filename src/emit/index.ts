/** Artefacts: a checked model to the files of its bundle. */
import type { FilePlaces } from '../bundle/places.ts';
import type { ManifestFile, ManifestHead, ManifestWeights, MeasuredWeights } from '../bundle/manifest.ts';
import type { ManifestGolden } from '../bundle/rollout.ts';
import type { CheckedModel } from '../check/model.ts';
import { succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { FileRange } from '../ir/graph.ts';
import { foldConstants, type ReadConstant } from '../ir/passes/fold-constants.ts';
import { splitProgram } from '../ir/passes/split.ts';
import { rowsOf } from '../ir/rows.ts';
import { isHalved } from '../ir/passes/half-weights.ts';
import type { Program } from '../ir/program.ts';
import { sealRecord, type ComposeMeta, type OnnxFile, type Piece, type SealDigest } from '../onnx/index.ts';
import { relativePath } from '../text/paths.ts';
import type { SourceText } from '../text/source.ts';
import { emitDeclaration } from './dts.ts';
import { describeKernelGaps } from './kernel-gaps.ts';
import { nameLinkedFiles } from './linked-files.ts';
import { dataRecord } from './data-record.ts';
import { createManifest, type ManifestContext } from './manifest.ts';
import { describeNeedless } from './needless-guards.ts';
import { describePlaces } from './places.ts';
import { provenance } from './provenance.ts';
import { emitOnnx, type OnnxArtefact } from './onnx.ts';
import { armModels, describeRollouts, emitArms, goldenPath, noTools, printGolden, type DeclaredTools, type EmittedArm } from './rollouts.ts';

export type { DeclaredArm, DeclaredGolden, DeclaredRollout, DeclaredSlot, DeclaredTools } from './rollouts.ts';

/** A file to be written: its pieces in order, and what it ends with once those have been digested. */
export interface BundleFile {
  readonly path: string;
  readonly pieces: readonly Piece[];
  /** Of an ONNX file: what it tells, behind its pieces, of those of the files of weights that are its own. They are written before it. */
  readonly data?: (weights: readonly ManifestFile[]) => readonly Piece[];
  readonly seal?: (digest: SealDigest) => Uint8Array;
}

/** The files of a bundle. What describes the ONNX files is made once those have been written and hashed. */
export interface Bundle {
  readonly name: string;
  /** The model, or its encoder where it is split. */
  readonly onnx: BundleFile & { readonly byteLength: number };
  /** What is written along: heads, and weights that lie beside. */
  readonly more: readonly BundleFile[];
  /** Files that it refers to; they appear in it by a link, not by a copy. */
  readonly linked: readonly (ManifestFile & { readonly uri: string })[];
  /** Sentences on what was chosen without being asked for. */
  readonly notes: readonly string[];
  /** Texts that the manifest describes; they are written before it. */
  readonly texts: readonly { readonly path: string; readonly content: string }[];
  /** `more` and `texts` as they were written, in their orders. */
  others(onnx: ManifestFile, more?: readonly ManifestFile[], texts?: readonly ManifestFile[]): { readonly path: string; readonly content: string | FileRange }[];
}

export interface BundleLayout {
  /** The encoder and each head as a file of its own. */
  readonly split?: boolean;
  /** The weights of backbones stay in their files. */
  readonly link?: boolean;
  /** False: equal weights are stored as often as backbones and parts have them. */
  readonly share?: boolean;
  /** What the weights of our own parts are stored as, and what was measured of that. */
  readonly weights?: { readonly dtype: 'f16'; readonly measured?: MeasuredWeights };
}

export interface BundleContext {
  readonly host: Host;
  /** `0.1.0` */
  readonly version: string;
  readonly sources: ReadonlyMap<string, SourceText>;
  /** SHA-256 by URI, of all foreign files of the model. */
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly layout?: BundleLayout;
  /** What is declared of the model beside itself. */
  readonly tools?: DeclaredTools;
  model(uri: string): Outcome<OnnxFile>;
}

interface Part {
  readonly program: Program;
  readonly artefact: OnnxArtefact;
}

/** Composes a model's ONNX files and describes them. Equal inputs give equal bytes. */
export function createBundle(checked: CheckedModel, context: BundleContext): Outcome<Bundle> {
  const { layout = {}, host, tools = noTools } = context;
  const programOf = ({ program }: CheckedModel): Program => foldConstants(program, readerOf(host));
  const model = { ...checked, program: programOf(checked), files: [...new Set([checked, ...armModels(tools)].flatMap(({ files: own }) => own))] };
  const files = readFiles(model.program, context);
  if (!files.ok) return files;
  const sources = describeSources(model, context);
  const meta = (places: (names: ReadonlyMap<string, string>) => FilePlaces, part: string | undefined): ComposeMeta => ({
    producer: 'mdl-lang',
    producerVersion: context.version,
    ...(model.doc === undefined ? {} : { doc: model.doc }),
    metadata: (names) => provenance(model, part, places(names), { compiler: compilerOf(context), sources: context.sources, files: sources, weights: layout.weights?.dtype }),
  });
  const { pathOf } = nameLinkedFiles(model.program, model.uri);
  /** `model` has joints in `program`; an arm of a rollout takes the place of one that has. */
  const emit = (program: Program, path: string, part?: string, isArm = false): Outcome<Part> => {
    const places = (names: ReadonlyMap<string, string>): FilePlaces => (isArm ? { tensors: [] } : describePlaces(model, program, names));
    const options = { path, share: layout.share ?? true, ...(layout.link === true ? { pathOf } : {}), ...(layout.weights === undefined ? {} : { weights: layout.weights.dtype }) };
    const artefact = emitOnnx(program, files.value, meta(places, part), (uri) => host.open(uri), options);
    return artefact.ok ? succeed({ program, artefact: artefact.value }) : artefact;
  };
  const split = layout.split === true ? splitProgram(model.program) : undefined;
  const main = emit(split?.encoder ?? model.program, split === undefined ? 'model.onnx' : 'encoder.onnx', split === undefined ? undefined : 'encoder');
  if (!main.ok) return main;
  const heads: (Part & { readonly name: string })[] = [];
  for (const { name, program } of split?.heads ?? []) {
    const head = emit(program, `head.${name}.onnx`, name);
    if (!head.ok) return head;
    heads.push({ name, ...head.value });
  }
  const arms = split === undefined ? succeed([]) : emitArms(tools, split, programOf, (program, path, part) => emit(program, path, part, true));
  if (!arms.ok) return arms;
  return succeed(assemble(model, { main: main.value, heads, arms: arms.value }, context, (uri) => pathOf(uri)!));
}

/** What cannot be read is not folded: whoever composes the file then says what is wrong with it. */
const readerOf = (host: Host): ReadConstant => (bytes) => {
  if (bytes instanceof Uint8Array) return bytes;
  const source = host.open(bytes.uri);
  if (!source.ok) return undefined;
  try {
    const read = source.value.read(bytes.offset, bytes.length);
    return read.length === bytes.length ? read : undefined;
  } catch {
    return undefined;
  } finally {
    source.value.close();
  }
};

function readFiles(program: Program, context: BundleContext): Outcome<ReadonlyMap<string, OnnxFile>> {
  const files = new Map<string, OnnxFile>();
  for (const step of program.steps) {
    if (step.kind !== 'link') continue;
    const file = context.model(step.model.uri);
    if (!file.ok) return file;
    files.set(step.model.uri, file.value);
  }
  return succeed(files);
}

interface EmittedParts {
  readonly main: Part;
  readonly heads: readonly (Part & { readonly name: string })[];
  readonly arms: readonly EmittedArm[];
}

function assemble(model: CheckedModel, { main, heads, arms }: EmittedParts, context: BundleContext, pathOf: (uri: string) => string): Bundle {
  const { tools = noTools, layout = {} } = context;
  const artefacts = [main, ...heads, ...arms].map(({ artefact }) => artefact);
  const besides = artefacts.flatMap(({ beside }) => beside ?? []);
  const linked = [...new Set(artefacts.flatMap(({ referred }) => [...referred]))].map((uri) => ({
    ...describeFile(uri, pathOf(uri), context),
    uri,
  }));
  const sealed = (artefact: OnnxArtefact) => ({
    ...artefact,
    data: (weights: readonly ManifestFile[]) =>
      dataRecord([
        ...linked.filter(({ uri }) => artefact.referred.has(uri)).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
        ...weights.filter(({ path }) => path === artefact.beside?.path),
      ]),
    seal: sealRecord,
  });
  const parts = [...heads, ...arms].map(({ artefact }) => sealed(artefact));
  return {
    name: model.name,
    onnx: sealed(main.artefact),
    more: [...parts, ...besides],
    linked,
    notes: [
      ...describeNeedless(model, context.sources).map((sentence) => `${sentence}.`),
      ...describeKernelGaps(model.program),
      ...(layout.split === true && heads.length === 0 ? [`\`${model.name}\` is one file: it has no encoder with heads to part from it.`] : []),
      ...(heads.length === 0 ? tools.rollouts.map(({ name }) => `\`rollout ${name}\` is left out: only heads that are files of their own can move${layout.split === true ? '' : ', which `mdl build --split` writes'}.`) : []),
      ...besides.map(({ path }) => `The weights lie beside the graph, in ${path}: one ONNX file holds at most 2147483647 bytes.`),
    ],
    texts: tools.golden.map(({ rows }, i) => ({ path: goldenPath(i), content: printGolden(rows) })),
    others: (onnx, written = [], texts = []) => {
      const data = [...written.slice(parts.length), ...linked.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))];
      const described = heads.map(({ name, program }, index): ManifestHead => ({
        ...written[index]!,
        name,
        inputs: program.inputs.map((port) => port.name),
        outputs: program.outputs.map((port) => port.name),
        rows: rowsOf(program),
      }));
      const files = new Map(written.map((file) => [file.path, file]));
      const rollouts = heads.length === 0 ? [] : describeRollouts(tools, files, arms);
      const golden = tools.golden.map(({ rows, tolerance, arm }, i): ManifestGolden => ({ ...texts[i]!, rows: rows.length, ...(tolerance === undefined ? {} : { tolerance }), ...(arm === undefined ? {} : { arm }) }));
      return describe(model, { onnx, data, heads: described, rows: rowsOf(main.program), rollouts, golden }, context);
    },
  };
}

interface WrittenParts extends Required<Pick<ManifestContext, 'data' | 'heads' | 'rows' | 'rollouts' | 'golden'>> {
  readonly onnx: ManifestFile;
}

function describe(model: CheckedModel, { onnx, ...parts }: WrittenParts, context: BundleContext): ReturnType<Bundle['others']> {
  const tokenizers = tokenizerFiles(model, context);
  const manifest = createManifest(model, onnx, {
    ...parts,
    compiler: compilerOf(context),
    sources: context.sources,
    files: describeSources(model, context),
    tokenizers: Object.fromEntries(tokenizers.map((t) => [t.key, t.file])),
    ...describeWeights(model, context),
  });
  return [
    { path: 'manifest.json', content: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: 'model.d.ts', content: emitDeclaration(manifest) },
    ...tokenizers.map((t) => ({ path: t.file.path, content: { uri: t.uri, offset: 0, length: t.file.bytes } })),
  ];
}

function describeWeights({ program }: CheckedModel, { layout }: BundleContext): { readonly weights?: ManifestWeights } {
  const { weights } = layout ?? {};
  if (weights === undefined) return {};
  const { dtype, measured } = weights;
  return { weights: { dtype, tensors: program.initializers.filter(isHalved).length, ...(measured === undefined ? {} : { measured }) } };
}

const compilerOf = ({ version }: BundleContext): string => `mdl-lang ${version}`;

const describeSources = (model: CheckedModel, context: BundleContext): readonly ManifestFile[] =>
  model.files.map((uri) => describeFile(uri, relativePath(uri, model.uri), context));

function describeFile(uri: string, path: string, context: BundleContext): ManifestFile {
  return { path, bytes: context.host.stat(uri)?.size ?? 0, sha256: digestOf(uri, context) };
}

/** External data of a backbone is no file of the sources: its digest is taken here. */
function digestOf(uri: string, { fingerprints, host }: BundleContext): string {
  const known = fingerprints.get(uri);
  if (known !== undefined) return known;
  const digest = host.sha256(uri);
  return digest.ok ? digest.value : '';
}

/** The tokenizers of the model's inputs travel with it, so that the app needs no other file. */
function tokenizerFiles(model: CheckedModel, context: BundleContext): { key: string; uri: string; file: ManifestFile }[] {
  return model.tokenizers.map(({ name, version, uri }) => ({
    key: `${name}@${version}`,
    uri,
    file: describeFile(uri, `${name}.tokenizer.json`, context),
  }));
}
