/** What the examples share: checking, building and loading the models of a folder with the package, as an app would. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createBundle, createCompiler, createNodeHost, renderDiagnostics, writeBundle } from 'mdl-lang';
import { load } from 'mdl-lang/runtime';

export const say = (text = '') => console.log(text);
export const heading = (text) => say(`\n== ${text}`);
export const percent = (share) => `${(100 * share).toFixed(2)} %`;

/** The project in `folder`, which `work` uses; what is built in between is removed. */
export async function withProject(folder, work) {
  const host = createNodeHost({ cwd: folder });
  const compiler = createCompiler(host);
  const target = await mkdtemp(path.join(os.tmpdir(), 'mdl-example-'));
  const loaded = [];
  const uri = (file) => pathToFileURL(path.join(folder, file)).href;

  /** What checking a file finds; its errors are printed. */
  const check = (file) => {
    const compilation = compiler.check([uri(file)]);
    const { diagnostics, sources } = compilation;
    if (diagnostics.length > 0) say(renderDiagnostics(diagnostics, { sources, display: (u) => host.display(u), color: process.stdout.isTTY }));
    return { ...compilation, codes: diagnostics.map(({ code }) => code) };
  };

  /** The models of a file, built and loaded, by their names. */
  const open = async (file) => {
    const { models, sources, codes } = check(file);
    if (codes.length > 0 || models.length === 0) throw new Error(`${file} does not check`);
    const opened = {};
    for (const model of models) {
      const place = path.join(target, model.name);
      await build(model, sources, place);
      loaded.push((opened[model.name] = await load(place)));
    }
    return opened;
  };

  const build = async (model, sources, place) => {
    const fingerprints = new Map(model.files.map((file) => [file, valueOf(host.sha256(file))]));
    const bundle = valueOf(createBundle(model, { host, version: '0.1.0', sources, fingerprints, model: compiler.files.model }));
    valueOf(
      await writeBundle(place, async (add) => {
        const onnx = await add(bundle.onnx.path, bundle.onnx.pieces);
        for (const { path: name, content } of bundle.others(onnx)) await add(name, [typeof content === 'string' ? Buffer.from(content) : content]);
      }),
    );
  };

  try {
    return await work({ check, open });
  } finally {
    for (const model of loaded) await model.close();
    await rm(target, { recursive: true, force: true });
  }
}

function valueOf(outcome) {
  if (!outcome.ok) throw new Error(`${outcome.finding.code}: ${outcome.finding.message}`);
  return outcome.value;
}

/** The bytes of a .npy file of u8, and how many there are of one row. */
export async function readBytes(file) {
  const all = await readFile(file);
  const end = 10 + all.readUInt16LE(8);
  const header = all.toString('latin1', 10, end);
  if (!header.includes("'|u1'")) throw new Error(`${file} holds no bytes`);
  const dims = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').map((dim) => dim.trim()).filter((dim) => dim !== '').map(Number);
  return { dims, data: new Uint8Array(all.buffer, all.byteOffset + end, all.length - end) };
}

/** The rows of a .jsonl file. */
export async function readLines(file) {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));
}
