/**
 * `mdl lsp` beside a large encoder: from opening a file to its diagnostics with an empty cache and with a full one, and from
 * an edit to them. The server waits 100 ms after an edit, which is within these times; its processor's time stands beside, where the system tells.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { encoder } from './encoder.mjs';
import { median, round2 } from './measure.mjs';

export const options = { layers: { type: 'string', default: '10' }, rounds: { type: 'string', default: '15' } };

const source = (name, scale) => `import { l2_normalize } from "std/norm"

contract Ids = i64[batch, seq] where range [0, 999]
contract Unit = f32[batch, 96] where norm(-1) == 1 +- 1e-3

backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input ids: Ids
  output hidden: f32[batch, seq, 96] where range [-10, 10] from "${name}"
}

adapter Encode(ids: Ids) -> Unit {
  onnx.ReduceMean(Encoder(ids).hidden, axes: [1], keepdims: false) * ${scale} |> l2_normalize
}

model Vectors {
  input ids: Ids
  output e = Encode(ids)
}
`;

export async function run({ layers, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'mdl-lsp-'));
  try {
    const bytes = encoder(Number(layers), 96);
    writeFileSync(join(folder, 'encoder.onnx'), bytes);
    const name = bytes.toString('latin1').match(/t\d+(?=[^t]*$)/)[0];
    const opened = [];
    let edits;
    for (const isLast of [false, true]) {
      const session = await open(folder, source(name, 1));
      opened.push(session.first);
      if (isLast) edits = await edit(session, name, Number(rounds));
      await session.end();
    }
    const [emptyCache, fullCache] = opened;
    const found = { nodes: 77 * Number(layers) + 1, emptyCache, fullCache, ...edits };
    for (const [what, times] of Object.entries(found)) console.log(`${what}: ${typeof times === 'number' ? times : `${times.ms} ms, of a processor ${times.cpuMs} ms`}`);
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A comment at the end, and a number in a body. */
async function edit(session, name, rounds) {
  const [comments, bodies] = [[], []];
  for (let i = 1; i <= rounds; i++) {
    comments.push(await session.change(`${source(name, i)}// ${i}\n`));
    bodies.push(await session.change(source(name, i + 1)));
  }
  const middle = (times) => ({ ms: round2(median(times.map(({ ms }) => ms))), cpuMs: round2(times.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / times.length) });
  return { comment: middle(comments), body: middle(bodies) };
}

async function open(folder, text) {
  const started = performance.now();
  const server = spawn(process.execPath, ['dist/js/cli.cjs', 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') } });
  const rpc = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  let told = () => undefined;
  rpc.onNotification('textDocument/publishDiagnostics', ({ version, diagnostics }) => told(version, diagnostics));
  rpc.onRequest('client/registerCapability', () => null);
  rpc.listen();
  const uri = pathToFileURL(join(folder, 'vectors.mdl')).href;
  let version = 1;
  const diagnosed = async (send, began) => {
    const cpu = processorTime(server.pid);
    const found = await new Promise((resolve) => {
      told = (of, diagnostics) => of === version && resolve(diagnostics);
      send();
    });
    if (found.some(({ severity }) => severity === 1)) throw new Error(JSON.stringify(found));
    return { ms: round2(performance.now() - began), cpuMs: processorTime(server.pid) - cpu };
  };
  await rpc.sendRequest('initialize', { processId: null, rootUri: pathToFileURL(folder).href, capabilities: {} });
  await rpc.sendNotification('initialized', {});
  const first = await diagnosed(() => rpc.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'mdl', version, text } }), started);
  return {
    first: { ...first, cpuMs: processorTime(server.pid) },
    change: (next) => {
      version++;
      return diagnosed(() => rpc.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text: next }] }), performance.now());
    },
    end: async () => {
      const ended = new Promise((resolve) => server.on('exit', resolve));
      await rpc.sendRequest('shutdown');
      await rpc.sendNotification('exit');
      await ended;
    },
  };
}

/** Milliseconds in hundredths of a second, as Linux counts them; 0 elsewhere. */
function processorTime(pid) {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const [user, system] = readFileSync(file, 'utf8').split(') ')[1].split(' ').slice(11, 13).map(Number);
  return 10 * (user + system);
}
