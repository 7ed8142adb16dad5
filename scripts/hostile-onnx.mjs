/**
 * What files cost that are made to cost much: each shape is one record of ONNX, written as often as a file of some size holds.
 *
 *     node scripts/hostile-onnx.mjs [megabytes] [part of a shape's name] [command]
 *
 * Every command that reads ONNX is run on each, in a process of its own, and a session of the language server, which opens the source, is asked about the
 * backbone and is told that its file changed. Printed is the time of processors, the most memory resident (GNU
 * time), and the code of the answer. Nothing may throw. The runtime's load is left out: of a bundle it reads the metadata alone, all else is ONNX Runtime's.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const megabytes = Number(process.argv[2] ?? 8);
const wanted = process.argv[3] ?? '';
const wantedCommand = process.argv[4];
const root = fileURLToPath(new URL('..', import.meta.url));
const cli = path.join(root, 'dist/js/cli.cjs');

function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, ...parts) => {
  const value = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
};
const port = (name, dims = [bytes(1, bytes(2, 'batch')), bytes(1, number(1, 2))]) => [bytes(1, name), bytes(2, bytes(1, number(1, 1), bytes(2, ...dims)))];
const neg = (input, output) => bytes(1, bytes(1, input), bytes(2, output), bytes(4, 'Neg'));
const graphOf = (...parts) => bytes(7, bytes(11, ...port('x')), bytes(12, ...port('y')), neg('x', 'y'), ...parts);
const head = Buffer.concat([number(1, 8), bytes(8, number(2, 17))]);
const model = (graph, ...extras) => Buffer.concat([head, graph, ...extras]);
/** Records, one by one distinct or all alike, until they fill `size` bytes. */
function fill(size, record) {
  const target = Buffer.alloc(size);
  let at = 0;
  for (let i = 0; ; i++) {
    const one = record(i);
    if (at + one.length > size) return target.subarray(0, at);
    at += one.copy(target, at);
  }
}
const same = (record) => () => record;
const name = (i) => i.toString(36);
const inGraph = (record) => (size) => model(graphOf(fill(size, record)));
/** In one node, whose operator has every attribute and any number of inputs. */
const inNode = (record) => (size) => model(graphOf(bytes(1, bytes(2, 'z'), bytes(4, 'Sum'), fill(size, record))));
const inAttribute = (type, record) => (size) => model(graphOf(bytes(1, bytes(2, 'z'), bytes(4, 'Sum'), bytes(5, bytes(1, 'a'), number(20, type), fill(size, record)))));
const inModel = (record) => (size) => model(graphOf(), fill(size, record));
const tensor = (i, ...rest) => [number(2, 1), bytes(8, name(i)), ...rest];
function deep(depth) {
  let graph = bytes(2, 'g');
  for (let i = 0; i < depth; i++) graph = bytes(1, bytes(4, 'If'), bytes(5, bytes(1, 'then_branch'), number(20, 5), bytes(6, graph)));
  return graph;
}
const nameOf = (i) => (i < 0 ? 'x' : `t${name(i)}`);

/** What the file is full of, and how it is made for a number of bytes. */
const shapes = {
  'empty nodes': inGraph(same(bytes(1))),
  'nodes of one letter': inGraph(same(bytes(1, bytes(4, 'A')))),
  'nodes in a row': inGraph((i) => neg(nameOf(i - 1), nameOf(i))),
  'nodes side by side': inGraph((i) => neg('x', nameOf(i))),
  'nodes in the wrong order': inGraph((i) => neg(nameOf(i + 1), nameOf(i))),
  'named nodes': inGraph((i) => bytes(1, bytes(3, name(i)), bytes(4, 'Neg'), bytes(1, 'x'))),
  'other operators': inGraph((i) => bytes(1, bytes(1, 'x'), bytes(2, nameOf(i)), bytes(4, name(i)))),
  'empty attributes': inNode(same(bytes(5))),
  'named attributes': inNode((i) => bytes(5, bytes(1, name(i)))),
  'inputs without a name': inNode(same(bytes(1))),
  'inputs x': inNode(same(bytes(1, 'x'))),
  'outputs of a node': inNode((i) => bytes(2, nameOf(i))),
  'fields that no node has': inNode(same(number(30, 1))),
  'empty initializers': inGraph(same(bytes(5))),
  'scalars without bytes': inGraph((i) => bytes(5, ...tensor(i, number(1, 0)))),
  'scalars': inGraph((i) => bytes(5, ...tensor(i, bytes(9, '\0\0\0\0')))),
  'sizes of a tensor': inGraph(same(bytes(5, ...tensor(0, bytes(1, Buffer.alloc(1 << 20, 1)))))),
  'tensors of 64 axes': inGraph((i) => bytes(5, ...tensor(i, bytes(1, Buffer.alloc(64)))),),
  'sparse tensors': inGraph((i) => bytes(15, bytes(1, ...tensor(i, number(1, 0))), bytes(2, number(2, 7), number(1, 0)), number(3, 4))),
  'entries of external data': (size) => model(graphOf(bytes(5, ...tensor(0, number(14, 1), fill(size, same(bytes(13))))))),
  'lines of external data': (size) => model(graphOf(bytes(5, ...tensor(0, number(14, 1), fill(size, (i) => bytes(13, bytes(1, name(i)))))))),
  'texts of a tensor': (size) => model(graphOf(bytes(5, bytes(8, 'w'), number(2, 8), number(1, Math.floor(size / 2)), fill(size, same(bytes(6)))))),
  'empty value infos': inGraph(same(bytes(13))),
  'value infos': inGraph((i) => bytes(13, bytes(1, name(i)))),
  'types': inGraph((i) => bytes(13, ...port(name(i), [bytes(1), bytes(1)]))),
  'axes of a type': (size) => model(graphOf(bytes(13, ...port('z', [fill(size, same(bytes(1)))])))),
  'names of sizes': (size) => model(graphOf(bytes(13, ...port('z', [fill(size, (i) => bytes(1, bytes(2, name(i))))])))),
  'inputs of the graph': inGraph((i) => bytes(11, bytes(1, `i${name(i)}`))),
  'typed inputs of the graph': inGraph((i) => bytes(11, ...port(`i${name(i)}`))),
  'outputs of the graph': inGraph(same(bytes(12, ...port('y')))),
  'annotations': inGraph(same(bytes(14))),
  'lines of the graph': inGraph((i) => bytes(16, bytes(1, name(i)), bytes(2, 'v'))),
  'fields that no graph has': inGraph(same(number(30, 1))),
  'texts of an attribute': inAttribute(8, same(bytes(9))),
  'whole numbers of an attribute': inAttribute(7, same(number(8, 1))),
  'lists of whole numbers': inNode((i) => bytes(5, bytes(1, name(i)), number(20, 7), bytes(8, Buffer.alloc(60_000, 1)))),
  'lists of numbers': inNode((i) => bytes(5, bytes(1, name(i)), number(20, 6), bytes(7, Buffer.alloc(4 * 60_000)))),
  'long texts': inNode((i) => bytes(5, bytes(1, name(i)), number(20, 3), bytes(4, Buffer.alloc(60_000, 0x61)))),
  'long texts of two bytes each': inNode((i) => bytes(5, bytes(1, name(i)), number(20, 3), bytes(4, 'é'.repeat(30_000)))),
  'tensors of an attribute': inAttribute(9, same(bytes(10, number(2, 1), number(1, 0)))),
  'graphs of an attribute': inAttribute(10, same(bytes(11))),
  'graphs side by side': inGraph(same(bytes(1, bytes(4, 'If'), bytes(5, bytes(1, 'then_branch'), number(20, 5), bytes(6))))),
  'graphs in graphs': inGraph(same(deep(31))),
  'lines of the model': inModel((i) => bytes(14, bytes(1, name(i)))),
  'long lines of the model': inModel((i) => bytes(14, bytes(1, name(i)), bytes(2, Buffer.alloc(1_000_000, 0x61)))),
  'operator sets': inModel((i) => bytes(8, bytes(1, name(i)), number(2, 1))),
  'functions': inModel((i) => bytes(25, bytes(1, name(i)))),
  'inputs of a function': (size) => model(graphOf(), bytes(25, bytes(1, 'f'), fill(size, (i) => bytes(4, name(i))))),
  'nodes of a function': (size) => model(graphOf(), bytes(25, bytes(1, 'f'), fill(size, same(bytes(7))))),
  'defaults of a function': (size) => model(graphOf(), bytes(25, bytes(1, 'f'), fill(size, (i) => bytes(11, bytes(1, name(i)))))),
  'operator sets of a function': (size) => model(graphOf(), bytes(25, bytes(1, 'f'), fill(size, (i) => bytes(9, bytes(1, name(i)))))),
  'fields that no model has': inModel(same(number(30, 1))),
  'graphs of a model': inModel(same(bytes(7))),
};

const source = `
backbone Foreign @ 1.0.0 {
  source "./foreign.onnx"
  input x: f32[batch, 2]
  output y: f32[batch, 2]
}
model Whole {
  input x: f32[batch, 2]
  output y = Foreign(x).y
}
`;
const commands = {
  check: [cli, 'check', 'source.mdl'],
  build: [cli, 'build', 'source.mdl', '--out', 'out'],
  inspect: [cli, 'inspect', 'foreign.onnx'],
  'inspect --mdl': [cli, 'inspect', 'foreign.onnx', '--mdl'],
  audit: [cli, 'audit', 'foreign.onnx'],
};
const folder = mkdtempSync(path.join(tmpdir(), 'mdl-hostile-'));
try {
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "hostile" }');
  writeFileSync(path.join(folder, 'source.mdl'), source);
  for (const [shape, make] of Object.entries(shapes)) {
    if (!shape.includes(wanted)) continue;
    const file = openSync(path.join(folder, 'foreign.onnx'), 'w');
    const made = make(Math.round(megabytes * 1e6));
    for (let at = 0; at < made.length;) at += writeSync(file, made, at);
    closeSync(file);
    const measured = Object.entries(commands).filter(([command]) => (wantedCommand ?? command) === command).map(([command, args]) => `${command} ${measure(args)}`);
    if ((wantedCommand ?? 'lsp') === 'lsp') measured.push(`lsp ${await measureSession()}`);
    console.log(`${shape.padEnd(30)} ${measured.join('; ')}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Milliseconds of processors, MB resident at most, and what was said. */
function measure(args) {
  for (const left of ['out', 'mdl.lock']) rmSync(path.join(folder, left), { recursive: true, force: true });
  const env = { ...process.env, XDG_CACHE_HOME: path.join(folder, 'out', 'cache') };
  const { status, stdout, stderr } = spawnSync('/usr/bin/time', ['-f', 'peak %M cpu %U %S', process.execPath, ...args], { cwd: folder, env, encoding: 'utf8', maxBuffer: 2 ** 30 });
  const [, peak, user, system] = /peak (\d+) cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  const said = /error\[([\w-]+)\]/.exec(stdout + stderr)?.[1];
  const ok = status === 0 || (status === 1 && said !== undefined);
  return `${Math.round(1000 * (Number(user) + Number(system)))} ms ${Math.round(peak / 1000)} MB ${ok ? (said ?? 'ok') : `ENDED WITH ${status}: ${(stdout + stderr).slice(-300)}`}`;
}

/** As `measure`, of a session with the language server; a session that takes longer than a minute has hung. */
async function measureSession() {
  for (const left of ['out', 'mdl.lock']) rmSync(path.join(folder, left), { recursive: true, force: true });
  const server = spawn('/usr/bin/time', ['-f', 'peak %M cpu %U %S', process.execPath, cli, 'lsp', '--stdio'], { cwd: folder, env: { ...process.env, XDG_CACHE_HOME: path.join(folder, 'out', 'cache') } });
  const hung = setTimeout(() => server.stdin.destroy(), 60_000);
  const ended = new Promise((resolve) => server.on('close', resolve));
  let [said, printed, log] = [Buffer.alloc(0), '', ''];
  server.stderr.on('data', (chunk) => { printed += chunk; });
  server.stdin.on('error', () => {});
  const waiting = new Set();
  server.stdout.on('data', (chunk) => {
    said = Buffer.concat([said, chunk]);
    for (;;) {
      const end = said.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(said.subarray(0, Math.max(0, end)).toString())?.[1]);
      if (end < 0 || said.length < end + 4 + length) break;
      const message = JSON.parse(said.subarray(end + 4, end + 4 + length).toString());
      said = said.subarray(end + 4 + length);
      if (message.method === 'window/logMessage') log += message.params.message;
      if (message.method !== undefined && message.id !== undefined) send({ id: message.id, result: null });
      for (const look of waiting) look(message);
    }
  });
  const send = (message) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const next = (holds) => Promise.race([ended.then(() => undefined), new Promise((resolve) => {
    const look = (message) => {
      if (holds(message) && waiting.delete(look)) resolve(message);
    };
    waiting.add(look);
  })]);
  let id = 0;
  const ask = (method, params) => {
    const own = ++id;
    const answer = next((message) => message.id === own && message.method === undefined);
    send({ id: own, method, params });
    return answer;
  };
  const published = () => next(({ method }) => method === 'textDocument/publishDiagnostics');
  const uri = pathToFileURL(path.join(folder, 'source.mdl')).href;
  await ask('initialize', { processId: null, rootUri: pathToFileURL(folder).href, capabilities: {} });
  send({ method: 'initialized', params: {} });
  const first = published();
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'mdl', version: 1, text: source } } });
  const codes = ((await first)?.params.diagnostics ?? []).map(({ code }) => code);
  await ask('textDocument/hover', { textDocument: { uri }, position: { line: 8, character: 14 } });
  const touched = new Date();
  utimesSync(path.join(folder, 'foreign.onnx'), touched, touched);
  const second = published();
  send({ method: 'workspace/didChangeWatchedFiles', params: { changes: [{ uri: pathToFileURL(path.join(folder, 'foreign.onnx')).href, type: 2 }] } });
  await second;
  await ask('shutdown');
  send({ method: 'exit' });
  const status = await ended;
  clearTimeout(hung);
  const [, peak, user, system] = /peak (\d+) cpu ([\d.]+) ([\d.]+)/.exec(printed) ?? [];
  const ok = status === 0 && log === '';
  return `${Math.round(1000 * (Number(user) + Number(system)))} ms ${Math.round(peak / 1000)} MB ${ok ? (codes[0] ?? 'ok') : `ENDED WITH ${status}: ${(printed + log).slice(-300)}`}`;
}
