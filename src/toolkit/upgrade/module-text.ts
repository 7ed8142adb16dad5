/** The text of a new module: its declarations, and the imports that their names ask for. */
import type { Host } from '../../host/host.ts';
import { specifierOf } from '../../names/specifiers.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { Node } from '../../syntax/ast.ts';
import { isMember } from '../../syntax/references.ts';
import { visit } from '../../syntax/visit.ts';
import { applyEdits, type Edit } from './call-sites.ts';

export interface ModuleText {
  readonly uri: string;
  /** The name by which the module may speak of what another one declares. */
  use(symbol: Symbol, name?: string): string;
  /** Of the library: `linear` of "std/nn". */
  useStandard(module: string, name: string): string;
  /** What another new module declares. */
  useFrom(uri: string, name: string): string;
  /** Text of another module, whose names this one imports. `renamed` are its inputs, which are called otherwise here; others of `own` are its own, too. */
  copy(node: Node, module: ModuleScope, renamed?: ReadonlyMap<string, string>, own?: ReadonlySet<string>): string;
  /** Adds a declaration. */
  declare(text: string): void;
  text(): string;
  /** A module that is there already with these edits, lines of imports, and at its end what is declared. */
  into(module: ModuleScope, edits?: readonly Edit[]): ChangedText;
  /** The modules whose declarations it speaks of. */
  spokenOf(): readonly ModuleScope[];
}

/** A module as it is to be. */
export interface ChangedText {
  readonly text: string;
  /** What it ends with that is new: the rest is laid out as somebody likes it. */
  readonly appended?: string;
}

/** @param into the module, where it is there already: what has its name there needs no import. */
export function createModuleText(uri: string, host: Host, into?: ModuleScope): ModuleText {
  /** By specifier; a name as it is written in the import. */
  const imports = new Map<string, Set<string>>();
  const declarations: string[] = [];
  const spokenOf = new Set<ModuleScope>();
  const from = (specifier: string, name: string): string => {
    imports.set(specifier, (imports.get(specifier) ?? new Set()).add(name));
    return name;
  };
  const use = (symbol: Symbol, name = symbol.name): string => {
    spokenOf.add(symbol.module);
    if (into?.names.get(name) === symbol) return name;
    from(specifierOf(symbol.module.uri, uri, host), name === symbol.name ? name : `${symbol.name} as ${name}`);
    return name;
  };
  return {
    uri,
    use,
    useStandard: (module, name) => (into?.names.get(name)?.module.uri === host.standardModule(module) ? name : from(`std/${module}`, name)),
    useFrom: (other, name) => (other === uri ? name : from(specifierOf(other, uri, host), name)),
    copy(node, module, renamed = new Map(), own = new Set()) {
      const changes: { readonly start: number; readonly end: number; readonly text: string }[] = [];
      visit(node, {
        enter(inner, parent) {
          if (inner.kind !== 'Name' || isMember(inner, parent)) return;
          const other = parent?.kind === 'NameExpr' || parent?.kind === 'NominalFact' ? renamed.get(inner.text) : undefined;
          if (other !== undefined) changes.push({ ...inner.span, text: other });
          else if (!own.has(inner.text) && !renamed.has(inner.text)) {
            const symbol = module.names.get(inner.text);
            if (symbol !== undefined) use(symbol, inner.text);
          }
        },
      });
      const { start, end } = node.span;
      return changes.reverse().reduce((text, change) => text.slice(0, change.start - start) + change.text + text.slice(change.end - start), module.source.text.slice(start, end));
    },
    declare: (text) => void declarations.push(text),
    text: () => `${[importLines(imports), ...declarations].filter((part) => part !== '').join('\n\n')}\n`,
    into(module, edits = []) {
      const changed = applyEdits(module.source.text, [...edits, ...importEdits(module, importLines(imports))]);
      if (declarations.length === 0) return { text: changed };
      const appended = `${declarations.join('\n\n')}\n`;
      return { text: `${changed}${changed === '' || changed.endsWith('\n') ? '\n' : '\n\n'}${appended}`, appended };
    },
    spokenOf: () => [...spokenOf],
  };
}

/** Behind the last import and the comment of its line; where there is none, below a comment that stands by itself at the top. */
function importEdits({ ast, source: { text } }: ModuleScope, lines: string): readonly Edit[] {
  if (lines === '') return [];
  const last = ast.imports.at(-1);
  if (last === undefined) {
    const start = /^(?:\uFEFF)?(?:(?:\/\/(?!\/)[^\n]*\n)+\s*\n)?/.exec(text)![0].length;
    return [{ span: { start, end: start }, text: `${lines}\n\n` }];
  }
  const end = last.span.end + /^[^\S\r\n]*(?:\/\/[^\r\n]*)?(?=\r?\n|$)|/.exec(text.slice(last.span.end))![0].length;
  return [{ span: { start: end, end }, text: `\n${lines}` }];
}

/** A line for each module. */
export const importLines = (imports: ReadonlyMap<string, ReadonlySet<string>>): string =>
  [...imports].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)).map(([specifier, names]) => `import { ${[...names].sort().join(', ')} } from "${specifier}"`).join('\n');

/** The library first, then by the alphabet. */
const rank = (specifier: string): string => `${specifier.startsWith('std/') ? 0 : 1}${specifier}`;
