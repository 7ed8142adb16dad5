import { locate, type Diagnostic, type Fix } from '../diagnostics/diagnostic.ts';
import { nameCodes } from '../diagnostics/codes/names.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import type { Host } from '../host/host.ts';
import type { Declaration, Import, ImportName, Module, NodeKind } from '../syntax/ast.ts';
import type { Parse } from '../syntax/parsed.ts';
import { visit } from '../syntax/visit.ts';
import { carryOver, sharingNodes } from './carried.ts';
import { listItem, wholeLines } from '../text/lines.ts';
import { createSource, emptySpan, type Location, type SourceText, type Span } from '../text/source.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { nearestNames } from './near.ts';
import { resolveSpecifier, unknownModule } from './specifiers.ts';

/** A declaration and the module that declares it. Two symbols are the same when they are the same object. */
export interface Symbol<D extends Declaration = Declaration> {
  readonly name: string;
  readonly declaration: D;
  /** As it is now: an edit that leaves the declaration as it was makes the module around it anew. */
  module: ModuleScope;
}

/** A module, and what its names stand for: its own declarations and its imports. */
export interface ModuleScope {
  readonly uri: string;
  readonly source: SourceText;
  readonly ast: Module;
  /** The package's name; "std" for the library. */
  readonly package: string;
  readonly names: Map<string, Symbol>;
  /** Where each imported name stands in the import. */
  readonly imports: Map<string, Span>;
  /** Names that something in the module refers to; while a declaration is checked, that one. */
  used: Set<string>;
  /** Names whose import failed: that is reported, and nothing more is said about them. */
  readonly unresolved: Set<string>;
}

export interface Modules {
  /** By URI, in an order in which a module comes behind all that it imports. */
  readonly scopes: ReadonlyMap<string, ModuleScope>;
  readonly diagnostics: readonly Diagnostic[];
  /** What read them. */
  readonly parse: Parse;
}

export const at = (module: { readonly uri: string }, span: Span): Location => ({ uri: module.uri, span });

export const kindNames: Record<Declaration['kind'], string> = {
  SpaceDecl: 'space',
  TokenizerDecl: 'tokenizer',
  LabelsDecl: 'labels declaration',
  AttributeDecl: 'attribute',
  ContractDecl: 'contract',
  BackboneDecl: 'backbone',
  PartDecl: 'part',
  ModelDecl: 'model',
  FitDecl: 'fit',
  VerifyDecl: 'verification',
  RolloutDecl: 'rollout',
  ProbeDecl: 'probe',
  GoldenDecl: 'golden batch',
};

/** What a declaration is called: a part by its role. */
export const kindName = (declaration: Declaration): string => (declaration.kind === 'PartDecl' ? declaration.role : kindNames[declaration.kind]);

/** Modules that import each other in a row; what fits the stack by far. */
const deepestImport = 500;

/** A module as it was resolved, and what that rested on besides its text. */
export interface Remembered {
  readonly scope: ModuleScope;
  readonly diagnostics: readonly Diagnostic[];
  /** What each of its imports led to. */
  readonly imported: readonly ModuleScope[];
}

/**
 * Keeps modules between resolutions: one whose text is as it was, and whose imports lead to the same modules, or to
 * the same symbols in modules made anew, is the same object.
 */
export interface ModuleMemory {
  readonly known: Map<string, Remembered>;
  /** Whether what else was made of a module still holds. */
  readonly isCurrent: (scope: ModuleScope) => boolean;
}

/** Reads the modules at these URIs and all that they import, and gives each its names. Never throws. */
export function resolveModules(entries: readonly string[], host: Host, parse: Parse, memory?: ModuleMemory): Modules {
  const resolved = resolveOnce(entries, host, parse, memory);
  // In a circle a module is half made when another one refers to it, and nothing of it can be kept.
  if (memory === undefined || !resolved.diagnostics.some((d) => d.code === 'import-cycle')) return resolved;
  memory.known.clear();
  return resolveOnce(entries, host, parse, undefined);
}

function resolveOnce(entries: readonly string[], host: Host, parse: Parse, memory: ModuleMemory | undefined): Modules {
  const scopes = new Map<string, ModuleScope>();
  const ordered = new Map<string, ModuleScope>();
  const diagnostics: Diagnostic[] = [];
  const loading: string[] = [];

  const load = (uri: string, importedAt?: Location): ModuleScope | undefined => {
    const known = scopes.get(uri);
    if (known !== undefined) {
      if (loading.includes(uri)) diagnostics.push(cycle([...loading.slice(loading.indexOf(uri)), uri], host, importedAt!, known));
      return known;
    }
    if (loading.length >= deepestImport) {
      diagnostics.push(partCodes.report('too-deep', { what: `the import of ${host.display(uri)}`, limit: deepestImport }, importedAt!));
      return undefined;
    }
    const text = host.readText(uri);
    if (!text.ok) {
      diagnostics.push(locate(text.finding, importedAt ?? { uri, span: emptySpan }));
      return undefined;
    }
    const kept = recall(uri, text.value);
    if (kept !== undefined) return kept;
    const source = createSource(uri, text.value);
    const parsed = parse(source);
    const found: Diagnostic[] = [...parsed.diagnostics];
    const before = changeable(uri);
    const ast = before === undefined ? parsed.value : sharingNodes(before, parsed.value, source.text);
    const scope = createScope(source, ast, host, found);
    scopes.set(uri, scope);
    loading.push(uri);
    const imported = ast.imports.map((item) => bindImport(item, scope, host, load, found));
    loading.pop();
    ordered.set(uri, scope);
    diagnostics.push(...found);
    if (before !== undefined) carryOver(before, scope);
    // What could not be found may be there the next time.
    if (imported.every((module) => module !== undefined)) memory?.known.set(uri, { scope, diagnostics: found, imported });
    else memory?.known.delete(uri);
    return scope;
  };

  /** The module as it was, where what has changed is its text or what it imports, but no file that it names. Other compilers may have the library's. */
  const changeable = (uri: string): ModuleScope | undefined => {
    const scope = memory?.known.get(uri)?.scope;
    return scope !== undefined && scope.package !== 'std' && memory!.isCurrent(scope) ? scope : undefined;
  };

  /** The module as it was, if nothing that it rests on has changed. */
  const recall = (uri: string, text: string): ModuleScope | undefined => {
    const known = memory?.known.get(uri);
    if (known === undefined || known.scope.source.text !== text || !memory!.isCurrent(known.scope)) return undefined;
    scopes.set(uri, known.scope);
    loading.push(uri);
    const imported: ModuleScope[] = [];
    const same = known.scope.ast.imports.every((item, i) => {
      const target = resolveSpecifier(item.from.value, uri, host);
      const module = target !== undefined && host.stat(target) !== undefined ? load(target, at(known.scope, item.from.span)) : undefined;
      if (module !== undefined) imported.push(module);
      return module === known.imported[i] || (module !== undefined && importsSame(item, known.scope, module));
    });
    loading.pop();
    if (!same) {
      scopes.delete(uri);
      return undefined;
    }
    memory!.known.set(uri, { ...known, imported });
    ordered.set(uri, known.scope);
    diagnostics.push(...known.diagnostics);
    return known.scope;
  };

  for (const uri of entries) load(uri);
  return { scopes: ordered, diagnostics, parse };
}

/** Whether all that a module imports from one that was made anew is what it was. What tools made of it holds that module itself. */
function importsSame({ names }: Import, scope: ModuleScope, module: ModuleScope): boolean {
  if (scope.ast.declarations.some((declaration) => isTool(declaration))) return false;
  return names.every(({ name, alias }) => {
    const symbol = scope.names.get((alias ?? name).text);
    return symbol !== undefined && symbol.module === module && module.names.get(name.text) === symbol;
  });
}

const tools: ReadonlySet<NodeKind> = new Set(['FitDecl', 'VerifyDecl', 'RolloutDecl', 'ProbeDecl', 'GoldenDecl']);
const isTool = ({ kind }: Declaration): boolean => tools.has(kind);

function createScope(source: SourceText, ast: Module, host: Host, diagnostics: Diagnostic[]): ModuleScope {
  const library = host.standardModules().some((name) => host.standardModule(name) === source.uri);
  const scope: ModuleScope = {
    uri: source.uri,
    source,
    ast,
    package: library ? 'std' : host.packageOf(source.uri),
    names: new Map(),
    imports: new Map(),
    used: new Set(),
    unresolved: new Set(),
  };
  for (const declaration of ast.declarations) {
    // The names of these are those of what they are about.
    if (declaration.kind === 'FitDecl' || declaration.kind === 'GoldenDecl') continue;
    declare(scope, declaration.name.text, declaration.name.span, { name: declaration.name.text, declaration, module: scope }, diagnostics);
  }
  return scope;
}

/** Gives a name its meaning in a module; a second meaning is an error at the second place, and false. */
function declare(scope: ModuleScope, name: string, span: Span, symbol: Symbol, diagnostics: Diagnostic[], imported?: ImportName): boolean {
  if (name === '') return false;
  const first = scope.names.get(name);
  if (first === undefined) {
    scope.names.set(name, symbol);
    return true;
  }
  const firstSpan = scope.imports.get(name) ?? first.declaration.name.span;
  diagnostics.push(
    nameCodes.report('duplicate-name', { name, where: 'this module' }, at(scope, span), {
      label: 'declared again here',
      related: [{ location: at(scope, firstSpan), text: 'first here' }],
      notes: imported === undefined ? ['Until then the name means the first one.'] : first === symbol ? [] : ['An import is renamed in place with `as`.'],
      fixes: imported === undefined ? [renameDeclaration(name, span, scope)] : [first === symbol ? importOnce(imported, scope) : renameImport(imported, scope)],
    }),
  );
  return false;
}

/** Takes a name out of its import that stands in it, or in another one, before. */
function importOnce(imported: ImportName, scope: ModuleScope): Fix {
  const { names, span } = scope.ast.imports.find((item) => item.names.includes(imported))!;
  const i = names.indexOf(imported);
  const alone = wholeLines(scope.source.text, span) ?? span;
  const taken = names.length === 1 ? alone : listItem(names.map((name) => name.span), i);
  return { title: 'import it once', edits: [{ location: at(scope, taken), text: '' }] };
}

/** What means the name goes on meaning the first one. */
function renameDeclaration(name: string, span: Span, scope: ModuleScope): Fix {
  const own = freeName(name, scope);
  return { title: `call it \`${own}\``, edits: [{ location: at(scope, span), text: own }] };
}

function freeName(name: string, { names }: ModuleScope): string {
  let own = `${name}_2`;
  for (let n = 3; names.has(own); n++) own = `${name}_${n}`;
  return own;
}

/** What is imported under a name that has another meaning already gets a name of its own. */
function renameImport({ name, span }: ImportName, scope: ModuleScope): Fix {
  const own = freeName(name.text, scope);
  return { title: `import it as \`${own}\``, edits: [{ location: at(scope, span), text: `${name.text} as ${own}` }] };
}

type Load = (uri: string, importedAt: Location) => ModuleScope | undefined;

/** Binds the names of an import; answers with the module that it names. */
function bindImport(item: Import, scope: ModuleScope, host: Host, load: Load, diagnostics: Diagnostic[]): ModuleScope | undefined {
  const place = at(scope, item.from.span);
  const uri = resolveSpecifier(item.from.value, scope.uri, host);
  const found = uri !== undefined && host.stat(uri) !== undefined;
  if (!found && item.from.value !== '') diagnostics.push(unknownModule(item.from.value, place, scope.uri, host));
  const module = found ? load(uri, place) : undefined;
  // A circle of one: all its names are there.
  if (module === scope) return module;
  for (const entry of item.names) {
    const { name, alias } = entry;
    const local = alias ?? name;
    const symbol: Symbol | undefined = module?.names.get(name.text);
    // Only a module's own declarations can be imported, so that every name has one home.
    if (symbol !== undefined && symbol.module === module) {
      if (declare(scope, local.text, local.span, symbol, diagnostics, entry)) scope.imports.set(local.text, local.span);
      scope.unresolved.delete(local.text);
      continue;
    }
    const near = module === undefined || name.text === '' ? [] : nearExports(name.text, module, scope);
    if (module !== undefined && name.text !== '') diagnostics.push(unknownExport(name.text, near, item, module, at(scope, name.span), alias === undefined ? scope : undefined));
    // Where it is written rightly, it is the import that is wrong.
    for (const meant of [local.text, ...(alias === undefined ? near : [])]) if (!scope.names.has(meant)) scope.unresolved.add(meant);
  }
  return module;
}

/** Where a module has a name from, that it does not declare itself. */
const homeOf = (name: string, { ast }: ModuleScope): string | undefined => ast.imports.find((i) => i.names.some((n) => (n.alias ?? n.name).text === name))?.from.value;

/** What was meant by a name that a module does not declare: of names that are equally near, the one that stands rightly further down. */
function nearExports(name: string, module: ModuleScope, into: ModuleScope): readonly string[] {
  const near = homeOf(name, module) === undefined ? nearestNames(name, module.ast.declarations.map((d) => d.name.text)) : [];
  const used = near.length > 1 ? near.filter((other) => usesOf(other, into).length > 0) : [];
  return used.length === 1 ? used : near;
}

/** `into`: the module in which the name is used as it was imported. */
function unknownExport(name: string, near: readonly string[], item: Import, module: ModuleScope, location: Location, into: ModuleScope | undefined): Diagnostic {
  const names = module.ast.declarations.map((d) => d.name.text);
  const home = homeOf(name, module);
  const declared = `"${item.from.value}" has ${names.filter((n) => n !== '').map((n) => `\`${n}\``).join(', ') || 'nothing'}.`;
  const places = near.length === 0 ? [] : [location, ...(into ? usesOf(name, into) : [])];
  return nameCodes.report('unknown-export', { name, path: item.from.value }, location, {
    label: mistyped(near, location, 'not declared there').label,
    notes: home !== undefined ? [`It imports it from "${home}" itself; import it from there.`] : near.length > 0 ? [] : [declared],
    fixes: near.map((meant) => ({ title: `write \`${meant}\``, edits: places.map((place) => ({ location: place, text: meant })) })),
  });
}

const references: ReadonlySet<NodeKind> = new Set(['NameExpr', 'VersionedName', 'ContractRef', 'DimName', 'NominalFact', 'CompareFact', 'PartDecl', 'BackboneDecl']);

/** Where a module refers to a name of its scope. */
function usesOf(name: string, module: ModuleScope): Location[] {
  const uses: Location[] = [];
  visit(module.ast, {
    enter: (node, parent) => {
      if (node.kind === 'Name' && node.text === name && parent && references.has(parent.kind)) uses.push(at(module, node.span));
    },
  });
  return uses;
}

function cycle(uris: readonly string[], host: Host, location: Location, module: ModuleScope): Diagnostic {
  const itself = uris.length === 2;
  const item = itself ? module.ast.imports.find(({ from }) => from.span.start === location.span.start) : undefined;
  const needless = item?.names.every(({ alias }) => alias === undefined) ? (wholeLines(module.source.text, item.span) ?? item.span) : undefined;
  return nameCodes.report('import-cycle', { cycle: uris.map((uri) => host.display(uri)) }, location, {
    label: itself ? 'is this module' : 'closes the circle',
    notes: [itself ? 'What a module declares is known in all of it without an import.' : 'Move what both need into a module of its own that imports neither.'],
    fixes: needless === undefined ? [] : [{ title: 'leave out the import', edits: [{ location: at(module, needless), text: '' }] }],
  });
}
