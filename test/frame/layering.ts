import path from 'node:path';
import { importsOf } from './imports.ts';

/**
 * What a room may import besides itself: rooms, and single files of rooms that it must not see whole. A single file
 * with a row of its own is held to that row. Rooms stand in their order: what is below is never seen from above.
 */
const sees: Readonly<Record<string, readonly string[]>> = {
  text: [],
  diagnostics: ['text'],
  'host/host.ts': ['diagnostics'],
  bundle: ['text', 'diagnostics', 'types', 'data/json.ts', 'data/shape.ts'],

  syntax: ['text', 'diagnostics'],
  names: ['text', 'diagnostics', 'host/host.ts', 'syntax'],
  types: ['text', 'diagnostics', 'syntax', 'names'],
  'ir/graph.ts': ['text', 'types'],
  ops: ['text', 'diagnostics', 'types', 'ir/graph.ts'],
  ir: ['text', 'diagnostics', 'types', 'ops'],
  onnx: ['text', 'diagnostics', 'host/host.ts', 'types', 'ops', 'ir'],
  check: ['text', 'diagnostics', 'host/host.ts', 'syntax', 'names', 'types', 'ops', 'ir'],
  emit: ['text', 'diagnostics', 'host/host.ts', 'bundle', 'syntax', 'names', 'types', 'ops', 'ir', 'onnx', 'check'],
  'read-constants.ts': ['host/host.ts', 'ir'],
  'foreign-files.ts': ['read-constants.ts', 'diagnostics', 'host/host.ts', 'types', 'ir', 'onnx', 'check', 'data'],
  'pipeline.ts': ['text', 'diagnostics', 'host/host.ts', 'syntax', 'names', 'types', 'ir', 'check', 'foreign-files.ts'],
  'compile.ts': ['host/host.ts', 'syntax', 'pipeline.ts'],

  format: ['text', 'diagnostics', 'syntax'],
  ide: ['text', 'diagnostics', 'host/host.ts', 'syntax', 'names', 'types', 'ops', 'check', 'format', 'compile.ts'],
  lsp: ['text', 'diagnostics', 'host', 'ide', 'packages', 'toolkit', 'compile.ts'],
  testing: ['text', 'diagnostics'],

  data: ['text', 'diagnostics', 'host/host.ts', 'types/dtype.ts', 'types/element-index.ts'],
  align: ['text', 'diagnostics', 'data', 'types', 'ops/notation.ts', 'ops/operator.ts', 'ir', 'onnx'],
  drift: ['diagnostics', 'data', 'align/statistics'],
  host: ['text', 'diagnostics'],
  runtime: [
    'text/suggest.ts',
    'bundle',
    'data',
    'drift',
    'diagnostics/diagnostic.ts',
    'diagnostics/define.ts',
    'diagnostics/codes/runtime.ts',
    'host/host.ts',
    'onnx/read/metadata-lines.ts',
    'types/dtype.ts',
    'types/fields.ts',
    'types/half.ts',
  ],
  toolkit: ['text', 'diagnostics', 'host/host.ts', 'host/hear-signals.ts', 'host/write-text.ts', 'host/make-folders.ts', 'syntax', 'data', 'types', 'names', 'ir', 'check', 'align', 'drift', 'runtime', 'packages'],
  // Types of what was found out: a report draws, and computes nothing.
  report: ['align', 'toolkit'],
  packages: ['text', 'diagnostics', 'host', 'types', 'check/model.ts', 'data/json.ts', 'data/shape.ts'],
};

/** These see every room. */
const seesAll = ['cli', 'index.ts'];

/** Where each package, and Node itself, may be imported; types count. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'node:': ['host', 'runtime', 'packages', 'data', 'toolkit', 'cli', 'lsp'],
  '@huggingface/tokenizers': ['data'],
  '@noble/hashes': ['host'],
  chevrotain: ['syntax'],
  commander: ['cli'],
  'get-east-asian-width': ['diagnostics'],
  'onnx-proto': ['onnx'],
  'onnxruntime-node': ['runtime/ort.ts'],
  picocolors: ['cli', 'diagnostics'],
  prettier: ['format'],
  sharp: ['data/images.ts'],
  'vscode-languageserver': ['lsp'],
  'vscode-languageserver-textdocument': ['lsp'],
};

/**
 * The imports of one file that run against the rules, as `file:line imports x: rule`.
 *
 * @param file relative to `src`, with `/`
 */
export function violations(file: string, text: string): readonly string[] {
  return importsOf(file, text).flatMap(({ specifier, line }) => {
    const rule = specifier.startsWith('.') ? brokenRoomRule(file, specifier) : brokenPackageRule(file, specifier);
    return rule === undefined ? [] : [`src/${file}:${line} imports ${specifier}: ${rule}`];
  });
}

function brokenRoomRule(file: string, specifier: string): string | undefined {
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (target.startsWith('..')) return 'src imports nothing from outside src';
  const room = ruleOf(file);
  if (isIn(target, roomOf(file)) || seesAll.includes(room)) return undefined;
  const allowed = sees[room];
  if (allowed === undefined) return `${room} has no row in the table of rooms`;
  return allowed.some((place) => isIn(target, place)) ? undefined : `${room} sees only ${list(allowed)}`;
}

function brokenPackageRule(file: string, specifier: string): string | undefined {
  const name = packageOf(specifier);
  const allowed = packages[name];
  if (allowed === undefined) return `${name} has no row in the table of packages`;
  return allowed.some((place) => isIn(file, place)) ? undefined : `${name} is imported only in ${list(allowed)}`;
}

const list = (places: readonly string[]): string => (places.length === 0 ? 'itself' : places.join(', '));

/** The first folder of a path, or the file itself where it lies in none. */
const roomOf = (file: string): string => file.split('/')[0]!;

/** The row that holds for a file. */
const ruleOf = (file: string): string => (Object.hasOwn(sees, file) ? file : roomOf(file));

const isIn = (file: string, place: string): boolean => file === place || file.startsWith(`${place}/`);

/** `@scope/name` or `name` of `name/sub/path`; Node's modules are one. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
