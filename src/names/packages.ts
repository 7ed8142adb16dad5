/** Packages of npm as modules: from `"pkg"` or `"@scope/pkg/heads.mdl"` to a file below a `node_modules` folder. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import { resolvePath } from './paths.ts';

/** A specifier's package, and the path inside of it; "" where it names the package alone. */
export interface PackageSpecifier {
  readonly name: string;
  readonly path: string;
}

const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** Undefined for what can be no package of npm. */
export function packageSpecifier(specifier: string): PackageSpecifier | undefined {
  const steps = specifier.split('/');
  const name = steps.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  return packageName.test(name) ? { name, path: steps.join('/') } : undefined;
}

/**
 * The URI of the module that a package offers under a specifier. As Node does it, `node_modules` is looked for in the folder
 * of the importing module and in all above it. `package.json` says what `"pkg"` is: `exports` under the condition `mdl`,
 * else the field `mdl`. A path is what `exports` makes of it, else a file of the package.
 */
export function resolvePackage({ name, path }: PackageSpecifier, from: string, host: Host): Outcome<string> {
  const folder = installedAt(name, from, host);
  if (folder === undefined) return fail(nameCodes.finding('package-missing', { name }, [installNote(name, from, host)]));
  if (path.split('/').includes('..')) return fail(nameCodes.finding('package-outside', { name, path }, ['What a package does not offer may change with its next version, or not be there at all.']));
  const json = readJson(new URL('package.json', folder).href, host);
  const target = exported(json['exports'], path === '' ? '.' : `./${path}`) ?? (path === '' ? json['mdl'] : path);
  const uri = typeof target === 'string' ? inside(folder, target) : undefined;
  if (uri === undefined) return fail(nameCodes.finding('package-entry', { name }, entryNotes(name, target)));
  return succeed(host.realUri(uri));
}

const entryNotes = (name: string, target: unknown): string[] =>
  typeof target === 'string'
    ? [`Its package.json leads to "${target}", which is no .mdl file of the package.`]
    : [`Its package.json has neither \`"exports": { ".": { "mdl": "./….mdl" } }\` nor \`"mdl": "./….mdl"\`. A file of it is imported by its path: "${name}/….mdl".`];

/** The folder of the package nearest above a module. */
function installedAt(name: string, from: string, host: Host): string | undefined {
  for (let folder = new URL('.', from).href; ; ) {
    const candidate = new URL(`node_modules/${name}/`, folder).href;
    if (host.stat(new URL('package.json', candidate).href) !== undefined) return candidate;
    const parent = new URL('..', folder).href;
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** What to type: a package that package.json names already only has to be fetched. */
function installNote(name: string, from: string, host: Host): string {
  const file = new URL('package.json', packageFolder(from, host)).href;
  const json = readJson(file, host);
  const named = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].some((key) => isObject(json[key]) && Object.hasOwn(json[key], name));
  if (named) return `${host.display(file)} names it: run \`npm install\`.`;
  return ofPython.test(name) ? 'Packages of Python have no modules of MDL: layers are parts of the library, `import { linear, relu } from "std/nn"`, and a trained network is a `backbone` with its ONNX file.' : `Run \`npm install ${name}\`.`;
}

const ofPython = /^(?:torch|torchvision|tensorflow|keras|numpy|jax|flax|transformers|sentence-transformers|sklearn|scikit-learn|timm)$/;

/** A module's URI; undefined for what lies outside of the package or is no module. */
function inside(folder: string, path: string): string | undefined {
  if (!path.endsWith('.mdl') || path.startsWith('/') || path.split('/').includes('..')) return undefined;
  const uri = resolvePath(path.startsWith('./') ? path : `./${path}`, folder);
  return uri?.startsWith(folder) ? uri : undefined;
}

/** The folder of the package that a module belongs to: that of the package.json nearest above it; the module's own where there is none. */
export function packageFolder(uri: string, host: Host): string {
  const own = new URL('.', uri).href;
  for (let folder = own; ; ) {
    if (host.stat(new URL('package.json', folder).href) !== undefined) return folder;
    const parent = new URL('..', folder).href;
    if (parent === folder) return own;
    folder = parent;
  }
}

// ---------------------------------------------------------------- package.json

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** {} for what is no object: the package has no entry then. */
function readJson(uri: string, host: Host): Json {
  const text = host.readText(uri);
  if (!text.ok) return {};
  try {
    const json: unknown = JSON.parse(text.value.replace(/^\ufeff/, ''));
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

/** What `exports` makes of a subpath; undefined where it says nothing of it for us. */
function exported(exports: unknown, subpath: string): string | undefined {
  const bySubpath = isObject(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  if (!bySubpath) return subpath === '.' ? ofCondition(exports) : undefined;
  const exact = Object.hasOwn(exports, subpath) ? ofCondition(exports[subpath]) : undefined;
  return exact ?? ofPattern(exports, subpath);
}

/** `"./heads/*": "./src/heads/*"`: the longest beginning counts. */
function ofPattern(exports: Json, subpath: string): string | undefined {
  const patterns = Object.keys(exports).filter((key) => key.split('*').length === 2);
  for (const key of patterns.toSorted((a, b) => b.indexOf('*') - a.indexOf('*'))) {
    const [before, after] = key.split('*') as [string, string];
    if (!subpath.startsWith(before) || !subpath.endsWith(after) || subpath.length < key.length) continue;
    return ofCondition(exports[key])?.replaceAll('*', () => subpath.slice(before.length, subpath.length - after.length));
  }
  return undefined;
}

/** No package nests its conditions deeper. */
const deepestCondition = 10;

/** The module that a target stands for: itself, or what it has under `mdl`, else under `default`. */
function ofCondition(target: unknown, depth = 0): string | undefined {
  if (typeof target === 'string') return target.endsWith('.mdl') ? target : undefined;
  if (depth >= deepestCondition) return undefined;
  if (Array.isArray(target)) return target.map((item) => ofCondition(item, depth + 1)).find((item) => item !== undefined);
  if (!isObject(target)) return undefined;
  const keys = Object.keys(target).filter((key) => key === 'mdl' || key === 'default');
  return keys.map((key) => ofCondition(target[key], depth + 1)).find((item) => item !== undefined);
}
