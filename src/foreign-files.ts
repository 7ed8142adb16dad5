/** Foreign files behind a host: each header is read once for as long as the file stays as it is. */
import { dataCodes } from './diagnostics/codes/data.ts';
import { fileCodes } from './diagnostics/codes/files.ts';
import { fail, succeed, type Finding, type Outcome } from './diagnostics/diagnostic.ts';
import type { ForeignFiles, TokenizerFile, WeightsFile } from './check/context.ts';
import { decodeUtf8, fileName } from './data/json.ts';
import { findNotFinite, mostBytes, type NotFinite, type StoredTensor } from './data/not-finite.ts';
import { readSafetensors } from './data/safetensors.ts';
import { readTokenizer } from './data/tokenizer-header.ts';
import { withSource, type ByteSource, type Host } from './host/host.ts';
import type { ForeignModel, Graph, Tensor } from './ir/graph.ts';
import { recallLater, recollected } from './ir/infer/remembered.ts';
import type { OnnxFile } from './onnx/read/file.ts';
import { findExternalProblem } from './onnx/read/external-files.ts';
import { convertModel } from './onnx/convert/index.ts';
import { readModel } from './onnx/read/read.ts';
import { openConstants } from './read-constants.ts';

export interface CachedFiles extends ForeignFiles {
  model(uri: string): Outcome<OnnxFile>;
  /** Has the host keep what was inferred of files since the last call, as far as it keeps anything. */
  keep(): void;
}

export function createForeignFiles(host: Host): CachedFiles {
  const inferred = keepInferred(host);
  const header = remember(host, (uri) => inferred.follow(uri, () => withSource(host, uri, readModel, unreadable)));
  const model = (uri: string): Outcome<OnnxFile> => {
    const file = header(uri);
    const problem = file.ok ? findExternalProblem(file.value, host) : undefined;
    return problem === undefined ? file : fail(problem);
  };
  const notFinite = new WeakMap<ForeignModel, ReadonlyMap<string, NotFinite>>();
  return {
    model,
    notFinite: (file) => {
      const found = notFinite.get(file) ?? notFiniteOf(file, host);
      notFinite.set(file, found);
      return found;
    },
    keep: inferred.keep,
    withConstants: (use) => {
      const constants = openConstants(host);
      const result = use(constants.read);
      constants.close();
      return result;
    },
    converted: (link, opsets) => {
      const file = model(link.model.uri);
      return file.ok ? convertModel(file.value, opsets, [link]) : file;
    },
    weights: remember(host, (uri) => withSource(host, uri, (source) => readWeights(source, host), unreadable)),
    tokenizer: remember(host, (uri) => withSource(host, uri, readTokenizerHeader, unreadable)),
  };
}

/** A file of the same size and time is the same file. */
const stateOf = (uri: string, host: Host): string => {
  const stat = host.stat(uri);
  return `${stat?.size} ${stat?.mtimeMs}`;
};

/** What is inferred of models is kept by the digests of their files. */
function keepInferred(host: Host) {
  const { kept } = host;
  const followed = new Map<string, { readonly model: OnnxFile; readonly state: string }>();
  /** Undefined where the file is not the one any more whose header was read. */
  const nameOf = (uri: string, state: string): string | undefined => {
    const digest = host.sha256(uri);
    return digest.ok && stateOf(uri, host) === state ? digest.value : undefined;
  };
  return {
    follow: (uri: string, read: () => Outcome<OnnxFile>): Outcome<OnnxFile> => {
      const state = stateOf(uri, host);
      const outcome = read();
      if (kept === undefined || !outcome.ok) return outcome;
      followed.set(uri, { model: outcome.value, state });
      recallLater(outcome.value, () => {
        const name = nameOf(uri, state);
        return name === undefined ? undefined : kept.read(name);
      });
      return outcome;
    },
    keep: (): void => {
      for (const [uri, { model, state }] of followed) {
        const text = recollected(model);
        const name = text === undefined ? undefined : nameOf(uri, state);
        if (name !== undefined) kept?.write(name, text!);
      }
    },
  };
}

function remember<T>(host: Host, read: (uri: string) => Outcome<T>): (uri: string) => Outcome<T> {
  const known = new Map<string, { readonly state: string; readonly outcome: Outcome<T> }>();
  return (uri) => {
    const state = stateOf(uri, host);
    const entry = known.get(uri);
    if (entry?.state === state) return entry.outcome;
    const outcome = read(uri);
    known.set(uri, { state, outcome });
    return outcome;
  };
}

const unreadable = (path: string, reason: string): Finding => fileCodes.finding('file-unreadable', { path, reason });

function readWeights(source: ByteSource, host: Host): Outcome<WeightsFile> {
  const file = readSafetensors(source);
  if (!file.ok) return file;
  const { uri, tensors, metadata } = file.value;
  let found: ReadonlyMap<string, NotFinite> | undefined;
  return succeed({ tensors: new Map(tensors.map((t) => [t.name, t])), metadata, notFinite: (key) => (found ??= notFiniteIn(uri, tensors, host)).get(key) });
}

/** Looked for once for each content of a file, as far as the host keeps anything; of a file that cannot be read any more nothing is said here. */
function notFiniteIn(uri: string, tensors: readonly StoredTensor[], host: Host, most?: number, named = ''): ReadonlyMap<string, NotFinite> {
  const digest = host.kept === undefined ? undefined : host.sha256(uri);
  const name = digest?.ok ? `${named}${digest.value} finite` : undefined;
  const kept = name === undefined ? undefined : host.kept?.read(name);
  if (kept !== undefined) return new Map(JSON.parse(kept) as [string, NotFinite][]);
  const found = withSource(host, uri, (source) => succeed(findNotFinite(tensors, source, most)), unreadable);
  if (!found.ok) return new Map();
  if (name !== undefined) host.kept?.write(name, JSON.stringify([...found.value]));
  return found.value;
}

/** Of a model, whose digest is found out anyway where answers are kept; where they are not, its weights are let be but for those of a toy. */
const mostUnkept = 2 ** 16;

/** The constants of a model's main graph that hold NaN or an infinity, by name. */
function notFiniteOf({ uri, graph }: ForeignModel, host: Host): ReadonlyMap<string, NotFinite> {
  const most = host.kept === undefined ? mostUnkept : mostBytes;
  const files = new Map<string, StoredTensor[]>();
  const found = new Map<string, NotFinite>();
  for (const { name, dtype, dims, bytes } of storedInGraph(graph)) {
    if (bytes instanceof Uint8Array) {
      const source = { uri, size: bytes.length, read: (offset: number, length: number) => bytes.subarray(offset, offset + length), close: () => {} };
      for (const [key, one] of findNotFinite([{ name, dtype, dims, offset: 0, length: bytes.length }], source, most)) found.set(key, one);
    } else if (bytes !== undefined) files.set(bytes.uri, [...(files.get(bytes.uri) ?? []), { name, dtype, dims, offset: bytes.offset, length: bytes.length }]);
  }
  // What lies beside the model is where the model says, so both are what the answer rests on.
  const own = host.kept === undefined || files.size === 0 ? undefined : host.sha256(uri);
  for (const [beside, tensors] of files) for (const [key, one] of notFiniteIn(beside, tensors, host, most, own?.ok && beside !== uri ? `${own.value} ` : '')) found.set(key, one);
  return found;
}

/** Weights, and what `Constant` nodes make, by the names that the graph has for them. */
function* storedInGraph({ initializers, nodes }: Graph): Generator<Tensor> {
  yield* initializers.values();
  for (const { op, outputs, attributes } of nodes) {
    const value = op === 'Constant' ? attributes.get('value') : undefined;
    if (value?.type === 'tensor' && outputs[0]) yield { ...value.value, name: outputs[0] };
  }
}

/** Many vocabularies are larger than any source; no tokenizer is larger than this. */
const largestTokenizer = 256 * 2 ** 20;

function readTokenizerHeader(source: ByteSource): Outcome<TokenizerFile> {
  const file = fileName(source.uri);
  if (source.size > largestTokenizer) return fail(dataCodes.finding('tokenizer-invalid', { file, reason: `it has ${source.size} bytes` }));
  const text = decodeUtf8(source.read(0, source.size));
  if (text === undefined) return fail(dataCodes.finding('tokenizer-invalid', { file, reason: 'it is not UTF-8' }));
  const info = readTokenizer(text, file);
  if (!info.ok) return info;
  const { vocabularySize, maxLength, paddingSide, fixedLength, multipleOf } = info.value;
  const padded = maxLength === undefined ? 0 : Math.ceil(maxLength / multipleOf) * multipleOf;
  const longest = Math.max(padded, fixedLength ?? 0);
  return succeed({ vocabulary: vocabularySize, padding: { side: paddingSide, always: fixedLength !== undefined || multipleOf > 1 }, longest: longest === 0 ? undefined : longest });
}
