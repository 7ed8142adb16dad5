/** Foreign files behind a host: each header is read once for as long as the file stays as it is. */
import { dataCodes } from './diagnostics/codes/data.ts';
import { fileCodes } from './diagnostics/codes/files.ts';
import { fail, succeed, type Finding, type Outcome } from './diagnostics/diagnostic.ts';
import type { ForeignFiles, TokenizerFile, WeightsFile } from './check/context.ts';
import { decodeUtf8, fileName } from './data/json.ts';
import { readSafetensors } from './data/safetensors.ts';
import { readTokenizer } from './data/tokenizer-header.ts';
import { withSource, type ByteSource, type Host } from './host/host.ts';
import type { OnnxFile } from './onnx/read/file.ts';
import { findExternalProblem } from './onnx/read/external-files.ts';
import { convertModel } from './onnx/convert/index.ts';
import { readModel } from './onnx/read/read.ts';
import { openConstants } from './read-constants.ts';

export interface CachedFiles extends ForeignFiles {
  model(uri: string): Outcome<OnnxFile>;
}

export function createForeignFiles(host: Host): CachedFiles {
  const header = remember(host, (uri) => withSource(host, uri, readModel, unreadable));
  const model = (uri: string): Outcome<OnnxFile> => {
    const file = header(uri);
    const problem = file.ok ? findExternalProblem(file.value, host) : undefined;
    return problem === undefined ? file : fail(problem);
  };
  return {
    model,
    withConstants: (use) => {
      const constants = openConstants(host);
      const result = use(constants.read);
      constants.close();
      return result;
    },
    convertible: (link, opsets) => {
      const file = model(link.model.uri);
      return file.ok ? convertModel(file.value, opsets, [link]) : file;
    },
    weights: remember(host, (uri) => withSource(host, uri, readWeights, unreadable)),
    tokenizer: remember(host, (uri) => withSource(host, uri, readTokenizerHeader, unreadable)),
  };
}

/** A file of the same size and time is the same file. */
function remember<T>(host: Host, read: (uri: string) => Outcome<T>): (uri: string) => Outcome<T> {
  const known = new Map<string, { readonly state: string; readonly outcome: Outcome<T> }>();
  return (uri) => {
    const stat = host.stat(uri);
    const state = `${stat?.size} ${stat?.mtimeMs}`;
    const entry = known.get(uri);
    if (entry?.state === state) return entry.outcome;
    const outcome = read(uri);
    known.set(uri, { state, outcome });
    return outcome;
  };
}

const unreadable = (path: string, reason: string): Finding => fileCodes.finding('file-unreadable', { path, reason });

function readWeights(source: ByteSource): Outcome<WeightsFile> {
  const file = readSafetensors(source);
  if (!file.ok) return file;
  return succeed({ tensors: new Map(file.value.tensors.map((t) => [t.name, t])), metadata: file.value.metadata });
}

/** Many vocabularies are larger than any source; no tokenizer is larger than this. */
const largestTokenizer = 256 * 2 ** 20;

function readTokenizerHeader(source: ByteSource): Outcome<TokenizerFile> {
  const file = fileName(source.uri);
  if (source.size > largestTokenizer) return fail(dataCodes.finding('tokenizer-invalid', { file, reason: `it has ${source.size} bytes` }));
  const text = decodeUtf8(source.read(0, source.size));
  if (text === undefined) return fail(dataCodes.finding('tokenizer-invalid', { file, reason: 'it is not UTF-8' }));
  const info = readTokenizer(text, file);
  return info.ok ? succeed({ vocabulary: info.value.vocabularySize }) : info;
}
