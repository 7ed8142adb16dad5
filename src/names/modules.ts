import { locate, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { nameCodes } from '../diagnostics/codes/names.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import type { Host } from '../host/host.ts';
import type { Declaration, Import, Module, NodeKind } from '../syntax/ast.ts';
import type { Parse } from '../syntax/parsed.ts';
import { wholeLines } from '../text/lines.ts';
import { at, createSource, emptySpan, type Location, type SourceText, type Span } from '../text/source.ts';
import { bindImport } from './bind-import.ts';
import { carryOver, sharingNodes } from './carried.ts';
import { declare } from './declare.ts';
import { resolveSpecifier } from './specifiers.ts';

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
