/** Edits that bring a name of another module into scope, and who should be offered them. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import type { Diagnostic, Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import { kindNames, type ModuleScope, type Modules } from '../names/modules.ts';
import { resolveSpecifier, specifierOf } from '../names/specifiers.ts';
import { nearestNames } from '../names/near.ts';
import type { Declaration } from '../syntax/ast.ts';
import { at, createSource } from '../text/source.ts';

/** None where the name is in scope already; undefined where something else has it. */
export function importEdits(name: string, from: string, into: ModuleScope, host: Host): Edit[] | undefined {
  const known = into.names.get(name);
  if (known !== undefined) return known.module.uri === from ? [] : undefined;
  return addImport(name, specifierOf(from, into.uri, host), (specifier) => resolveSpecifier(specifier, into.uri, host) === from, into);
}

/** As `importEdits`, of a module of the library, such as "std/nn". */
export function libraryImportEdits(name: string, specifier: string, into: ModuleScope): Edit[] | undefined {
  const known = into.names.get(name);
  if (known !== undefined) return known.module.package === 'std' ? [] : undefined;
  return addImport(name, specifier, (other) => other === specifier, into);
}

/** Undefined where an import could not be read whole: nothing can be put behind it. */
function addImport(name: string, specifier: string, isSame: (specifier: string) => boolean, into: ModuleScope): Edit[] | undefined {
  const { imports } = into.ast;
  if (imports.some(({ from }) => from.value === '')) return undefined;
  const last = imports.find(({ from }) => isSame(from.value))?.names.at(-1);
  if (last !== undefined) return [{ location: at(into, { start: last.span.end, end: last.span.end }), text: `, ${name}` }];
  const end = imports.at(-1)?.span.end ?? 0;
  const line = `import { ${name} } from "${specifier}"`;
  return [{ location: at(into, { start: end, end }), text: end === 0 ? `${line}\n\n` : `\n${line}` }];
}

/** A declaration that could be meant by a name, and the module that it stands in. */
interface Home {
  readonly uri: string;
  readonly declaration: Declaration;
}

/** Adds to unknown names the import that makes them known, where exactly one module declares what is meant. */
export function offerImports(diagnostics: readonly Diagnostic[], modules: Modules, host: Host): Diagnostic[] {
  let homes: readonly Home[] | undefined;
  return diagnostics.map((diagnostic) => {
    if (diagnostic.code !== 'unknown-name') return diagnostic;
    homes ??= allHomes(modules, host);
    const fix = importFix(diagnostic, homes, modules, host);
    return fix ? { ...diagnostic, label: `${fix.title}?`, notes: [], fixes: [fix, ...diagnostic.fixes.filter((other) => !isOtherOperator(other, modules))] } : diagnostic;
  });
}

/** `onnx.Relu` is what `relu` is; `onnx.Gemm` takes other arguments than `linear`, which can be imported. */
function isOtherOperator({ edits: [edit] }: Fix, modules: Modules): boolean {
  const { uri, span } = edit!.location;
  const written = modules.scopes.get(uri)?.source.text.slice(span.start, span.end) ?? '';
  return edit!.text.startsWith('onnx.') && edit!.text.toLowerCase() !== `onnx.${written.replaceAll('_', '').toLowerCase()}`;
}

function importFix({ location, message, fixes }: Diagnostic, homes: readonly Home[], modules: Modules, host: Host): Fix | undefined {
  const into = modules.scopes.get(location.uri);
  if (into === undefined) return undefined;
  const name = into.source.text.slice(location.span.start, location.span.end);
  const sentence = nameCodes.table['unknown-name'].message;
  const fitting = homes.filter(({ uri, declaration: { kind } }) => uri !== into.uri && sentence({ name, what: kindNames[kind] }) === message);
  const names = fitting.map((home) => home.declaration.name.text);
  // A name of this module that is near is likelier than a near one of another.
  const meant = names.includes(name) ? name : fixes.length > 0 ? undefined : onlyOne(nearestNames(name, names));
  const [home, another] = fitting.filter((h) => h.declaration.name.text === meant);
  if (home === undefined || another !== undefined || meant === undefined) return undefined;
  const edits = importEdits(meant, home.uri, into, host);
  const specifier = specifierOf(home.uri, into.uri, host);
  if (meant === name) return edits && { title: `import it from "${specifier}"`, edits };
  return edits && { title: `import \`${meant}\` from "${specifier}"`, edits: [{ location, text: meant }, ...edits] };
}

const onlyOne = (names: readonly string[]): string | undefined => (names.length === 1 ? names[0] : undefined);

/** The declarations of all modules that were read, and of the library's. */
function allHomes(modules: Modules, host: Host): Home[] {
  const homes = [...modules.scopes.values()].flatMap(({ uri, ast }) => ast.declarations.map((declaration) => ({ uri, declaration })));
  for (const name of host.standardModules()) {
    const uri = host.standardModule(name);
    if (uri === undefined || modules.scopes.has(uri)) continue;
    const text = host.readText(uri);
    if (text.ok) homes.push(...modules.parse(createSource(uri, text.value)).value.declarations.map((declaration) => ({ uri, declaration })));
  }
  return homes;
}
