/** Foreign files behind a host: each header is read once for as long as the file stays as it is. */
import { succeed, type Outcome } from './diagnostics/diagnostic.ts';
import type { ForeignFiles, TokenizerFile, WeightsFile } from './check/context.ts';
import { readSafetensors } from './data/safetensors.ts';
import { readTokenizer } from './data/tokenizer-header.ts';
import type { ByteSource, Host } from './host/host.ts';
import type { OnnxFile } from './onnx/file.ts';
import { readModel } from './onnx/read.ts';

export interface CachedFiles extends ForeignFiles {
  model(uri: string): Outcome<OnnxFile>;
}

export function createForeignFiles(host: Host): CachedFiles {
  return {
    model: remember(host, (uri) => withSource(host, uri, readModel)),
    weights: remember(host, (uri) => withSource(host, uri, readWeights)),
    tokenizer: remember(host, (uri) => readTokenizerFile(host, uri)),
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

function withSource<T>(host: Host, uri: string, read: (source: ByteSource) => Outcome<T>): Outcome<T> {
  const source = host.open(uri);
  if (!source.ok) return source;
  const outcome = read(source.value);
  source.value.close();
  return outcome;
}

function readWeights(source: ByteSource): Outcome<WeightsFile> {
  const file = readSafetensors(source);
  if (!file.ok) return file;
  return succeed({ tensors: new Map(file.value.tensors.map((t) => [t.name, t])), metadata: file.value.metadata });
}

function readTokenizerFile(host: Host, uri: string): Outcome<TokenizerFile> {
  const text = host.readText(uri);
  if (!text.ok) return text;
  const info = readTokenizer(text.value);
  return info.ok ? succeed({ vocabulary: info.value.vocabularySize }) : info;
}
