/** `mdl doctor`: tries every part of the installation, and says what to do where one is missing. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createScratch } from '../../host/aside.ts';
import { createNodeHost } from '../../host/node.ts';
import { writeText } from '../../host/write-text.ts';
import { flag, type Call } from '../command.ts';
import { examineGpu, gpuCandidates } from '../doctor/doctor-gpu.ts';
import { broken, fine, missing, type Examined, type State } from '../doctor/examined.ts';
import { exit } from '../exit.ts';
import { printJson } from '../io.ts';
import { packageVersion } from '../version.ts';

const signs: Readonly<Record<State, string>> = { fine: '  ok  ', missing: '  --  ', broken: '  !!  ' };

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const examined = [examineNode(), examineLibrary(), await examineFormatter(), examinePlugin(io.cwd), ...(await examineModels())];
  const ok = examined.every((part) => part.state !== 'broken');
  if (flag(call, 'json')) {
    printJson(io, { ok, mdl: packageVersion(), node: process.versions.node, platform: process.platform, arch: process.arch, parts: examined });
    return ok ? exit.fine : exit.fault;
  }
  io.stdout.write(`mdl ${packageVersion()}\n`);
  for (const { part, state, found, steps } of examined) {
    io.stdout.write(`${signs[state]}${part}: ${found}\n${steps.map((step) => `        ${step}\n`).join('')}`);
  }
  return ok ? exit.fine : exit.fault;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;

function examineNode(): Examined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `${process.versions.node} on ${process.platform} ${process.arch}`;
  const recent = major > 20 || (major === 20 && minor >= 19);
  return recent ? fine('node', found) : broken('node', found, 'MDL needs 20.19 or later: https://nodejs.org');
}

function examineLibrary(): Examined {
  const host = createNodeHost();
  const names = host.standardModules();
  const [first] = names;
  const again = 'Install the package again: npm install mdl-lang';
  if (first === undefined) return broken('standard library', 'not found beside the package', again);
  const folder = path.dirname(fileURLToPath(host.standardModule(first)!));
  return fine('standard library', `${names.map((name) => `std/${name}`).join(', ')} in ${folder}`);
}

async function examineFormatter(): Promise<Examined> {
  try {
    const { formatText } = await import('../../format/index.ts');
    const formatted = await formatText('space   a @ 1.0.0');
    if (formatted.ok) return fine('formatter', 'works');
    return broken('formatter', formatted.finding.message);
  } catch (error) {
    return broken('formatter', messageOf(error), 'Install the package again: npm install mdl-lang');
  }
}

const prettierFiles = ['.prettierrc', '.prettierrc.json', '.prettierrc.yaml', '.prettierrc.yml', 'prettier.config.js', 'prettier.config.mjs', 'package.json'];

/** Whether the project's prettier formats .mdl files, too. */
function examinePlugin(cwd: string): Examined {
  const files = prettierFiles.map((file) => path.join(cwd, file)).filter((file) => existsSync(file));
  const using = files.find((file) => readFileSync(file, 'utf8').includes('mdl-lang/prettier'));
  if (using !== undefined) return fine('prettier plugin', `named in ${path.basename(using)}`);
  return missing(
    'prettier plugin',
    'not named in a configuration of this folder (optional: mdl fmt needs none)',
    'To format .mdl files with your own prettier, add to .prettierrc: { "plugins": ["mdl-lang/prettier"] }',
  );
}

// ---------------------------------------------------------------- the pipeline, on a model of one operator

const probe = `import { softmax } from "std/nn"

model Probe {
  input x: f32[batch, 2]
  output y = softmax(x)
}
`;

async function examineModels(): Promise<Examined[]> {
  const aside = createScratch('mdl-doctor');
  try {
    const folder = path.join(aside.folder, 'Probe');
    const compiler = await examineCompiler(path.join(aside.folder, 'probe.mdl'), folder);
    const { examined: ort, bundled } = await examineOrt();
    const parts = [compiler, ort, ...examineGpu()];
    if (compiler.state !== 'fine' || ort.state !== 'fine') return parts;
    for (const device of ['cpu', ...gpuCandidates(bundled)]) parts.push(await examineDevice(device, folder));
    return parts;
  } finally {
    aside.discard();
  }
}

async function examineCompiler(file: string, folder: string): Promise<Examined> {
  try {
    const { checkProject, createProject } = await import('../project/project.ts');
    const { buildModel } = await import('../build/bundle.ts');
    writeText(file, probe);
    const project = createProject({ cwd: path.dirname(file), env: {} });
    const check = await checkProject(project, [pathToFileURL(file).href], 'update');
    const [model] = check.models;
    if (model === undefined) return broken('compiler', check.diagnostics[0]?.message ?? 'gives no model');
    const written = await buildModel(model, folder, project, check);
    return written.ok ? fine('compiler', 'checks and builds a small model') : broken('compiler', written.finding.message);
  } catch (error) {
    return broken('compiler', messageOf(error), 'Please report this.');
  }
}

async function examineOrt(): Promise<{ readonly examined: Examined; readonly bundled: readonly string[] }> {
  try {
    const { importOrt } = await import('../../runtime/ort.ts');
    const ort = await importOrt();
    const backends = ort.listSupportedBackends();
    const names = backends.map(({ name, bundled }) => (bundled ? name : `${name} (not bundled)`));
    const examined = fine('onnxruntime-node', `${ort.env.versions.node ?? 'of unknown version'}: ${names.join(', ')}`);
    return { examined, bundled: backends.filter(({ bundled }) => bundled).map(({ name }) => name) };
  } catch (error) {
    const steps = [...notesOf(error), 'Without it, mdl checks and builds, but runs nothing.'];
    return { examined: missing('onnxruntime-node', messageOf(error), ...steps), bundled: [] };
  }
}

const notesOf = (error: unknown): readonly string[] =>
  error instanceof Error && 'notes' in error && Array.isArray(error.notes) ? error.notes.map(String) : [];

/** Runs the small model, and says where its nodes ran. */
async function examineDevice(device: string, folder: string): Promise<Examined> {
  try {
    const { load } = await import('../../runtime/index.ts');
    const model = await load(folder, { device });
    const x = { x: [[0, 0]] };
    const { y } = await model.run(x);
    const runs = await model.devices(x);
    await model.close();
    // Providers round in ways of their own.
    const answers: ArrayLike<unknown> = y?.data ?? [];
    const halves = Array.from(answers, (value) => Math.abs(Number(value) - 0.5) < 1e-5);
    if (halves.length !== 2 || halves.includes(false)) return broken(device, `gives ${String(y?.data)} for the softmax of [0, 0]`);
    const own = runs.filter(({ provider }) => provider === device).length;
    return fine(device, `runs the small model, ${own} of its ${runs.length} nodes itself`);
  } catch (error) {
    return device === 'cpu' ? broken(device, messageOf(error), ...notesOf(error)) : missing(device, messageOf(error), ...notesOf(error));
  }
}
