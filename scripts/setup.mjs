/** Does the set-up that is missing: the dependencies as package-lock.json names them, and the build. Plain Node. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const sources = ['src', 'stdlib', 'package.json', 'rolldown.config.mjs', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];
const built = ['dist/js/cli.cjs', 'dist/types/index.d.ts'];

process.chdir(root);
if (!isInstalled()) {
  // npm itself fetches only packages; the runtime's install script would fetch CUDA libraries beside them.
  step('installing dependencies', npm(), ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  });
}
if (!isBuilt()) step('building', [process.execPath], ['scripts/build.mjs']);

/** Whether node_modules holds what package-lock.json asks for. Packages of other platforms may be missing. */
function isInstalled() {
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (installed === undefined) return false;
  return Object.entries(readJson('package-lock.json').packages).every(
    ([folder, wanted]) => folder === '' || wanted.optional || installed[folder]?.version === wanted.version,
  );
}

/** Whether every result of the build is younger than every source of it. */
function isBuilt() {
  return built.every(existsSync) && Math.min(...built.map(modified)) >= Math.max(...sources.flatMap(filesOf).map(modified));
}

function filesOf(entry) {
  if (!existsSync(entry)) return [];
  if (!statSync(entry).isDirectory()) return [entry];
  const files = readdirSync(entry, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => path.join(file.parentPath, file.name));
}

function modified(file) {
  return statSync(file).mtimeMs;
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The npm that runs this script, or the one on the path. */
function npm() {
  const script = process.env['npm_execpath'];
  return script === undefined ? ['npm'] : [process.execPath, script];
}

/** Runs one step; its output is shown only if it fails. */
function step(what, [command, ...first], args, env = {}) {
  const started = performance.now();
  process.stderr.write(`${what} … `);
  const { status, error, stdout, stderr } = spawnSync(command, [...first, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32' && command === 'npm',
    maxBuffer: Infinity,
  });
  if (status === 0) {
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    return;
  }
  process.stderr.write(`failed\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
  process.exit(1);
}
