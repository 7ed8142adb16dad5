/** What an import names: a module of the library, a file, or a package of npm. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import { locate, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import { relativePath } from '../text/paths.ts';
import type { Location } from '../text/source.ts';
import { suggest } from '../text/suggest.ts';
import { packageSpecifier, resolvePackage } from './packages.ts';
import { nearFile } from './near-file.ts';
import { resolvePath } from './paths.ts';

const isRelative = (specifier: string): boolean => specifier.startsWith('./') || specifier.startsWith('../');

/** `std/x`, `./x.mdl`, `../x.mdl`, `pkg` or `pkg/x.mdl` to a URI, where a file may be missing; undefined for anything else. */
export function resolveSpecifier(specifier: string, from: string, host: Host): string | undefined {
  if (specifier.startsWith('std/')) return host.standardModule(specifier.slice('std/'.length));
  if (isRelative(specifier)) return resolvePath(specifier, from);
  const named = packageSpecifier(specifier);
  const resolved = named && resolvePackage(named, from, host);
  return resolved?.ok ? resolved.value : undefined;
}

/** How a module is imported by another. */
export function specifierOf(uri: string, from: string, host: Host): string {
  const library = host.standardModules().find((name) => host.standardModule(name) === uri);
  if (library !== undefined) return `std/${library}`;
  const packaged = packagedAs(uri, from, host);
  if (packaged !== undefined) return packaged;
  const path = relativePath(uri, from);
  return path.startsWith('../') ? path : `./${path}`;
}

/** The specifier of a module below `node_modules`, where it leads there. */
function packagedAs(uri: string, from: string, host: Host): string | undefined {
  const below = uri.split('/node_modules/').slice(1).at(-1);
  const named = below === undefined ? undefined : packageSpecifier(below);
  return [named?.name, below].find((specifier) => specifier !== undefined && resolveSpecifier(specifier, from, host) === uri);
}

// ---------------------------------------------------------------- what leads nowhere

/** A relative path lacks its `./` or its ending more often than it is mistyped. */
const completions = (path: string): string[] => (path.startsWith('.') ? [`${path}.mdl`] : [`./${path}`, `./${path}.mdl`, `std/${path}`]);

/** Says why an import names no module. */
export function unknownModule(path: string, location: Location, from: string, host: Host): Diagnostic {
  const library = host.standardModules().map((name) => `std/${name}`);
  const isThere = (specifier: string): boolean => {
    if (!specifier.endsWith('.mdl') && !specifier.startsWith('std/')) return false;
    const uri = resolveSpecifier(specifier, from, host);
    return uri !== undefined && host.stat(uri) !== undefined;
  };
  const near = completions(path).find(isThere) ?? (isRelative(path) ? nearFile(path, from, host) : suggest(path, library));
  const named = isRelative(path) || path.startsWith('std/') || near !== undefined ? undefined : packageSpecifier(path);
  const resolved = named && !named.name.endsWith('.mdl') ? resolvePackage(named, from, host) : undefined;
  if (resolved !== undefined && !resolved.ok) return locate(resolved.finding, location, { label: 'imported here' });
  const relative = path.startsWith('.') ? 'No file of this name stands there; the ending `.mdl` is part of the path.' : formNote(path, library);
  const inPackage = resolved === undefined ? relative : `The package is there, but ${host.display(resolved.value)} is not.`;
  return nameCodes.report('unknown-module', { path }, location, {
    label: near ? `did you mean "${near}"?` : 'not found',
    notes: [inPackage],
    fixes: near ? [{ title: `import from "${near}"`, edits: [{ location, text: `"${near}"` }] }] : [],
  });
}

const formNote = (path: string, library: readonly string[]): string =>
  path.startsWith('std/')
    ? `The library has ${library.map((name) => `"${name}"`).join(', ')}.`
    : 'An import names a module of the library ("std/nn"), a file relative to this one ("./encoder.mdl"), or a package ("@scope/encoders").';
