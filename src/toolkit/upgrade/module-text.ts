/** The text of a new module: its declarations, and the imports that their names ask for. */
import type { Host } from '../../host/host.ts';
import { specifierOf } from '../../names/specifiers.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { Node } from '../../syntax/ast.ts';
import { isMember } from '../../syntax/named.ts';
import { visit } from '../../syntax/visit.ts';
import type { Edit } from './call-sites.ts';

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
  /** What it takes to add it to a module that is there already: lines of imports, and what is declared. */
  addedTo(module: ModuleScope): readonly Edit[];
  /** The modules whose declarations it speaks of. */
  spokenOf(): readonly ModuleScope[];
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
    addedTo: (module) => [...importEdits(module, importLines(imports)), ...declarationEdits(module, declarations.join('\n\n'))],
    spokenOf: () => [...spokenOf],
  };
}

function importEdits({ ast }: ModuleScope, lines: string): readonly Edit[] {
  if (lines === '') return [];
  const last = ast.imports.at(-1);
  return [last === undefined ? { span: { start: 0, end: 0 }, text: `${lines}\n\n` } : { span: { start: last.span.end, end: last.span.end }, text: `\n${lines}` }];
}

const declarationEdits = ({ source }: ModuleScope, declarations: string): readonly Edit[] =>
  declarations === '' ? [] : [{ span: { start: source.text.length, end: source.text.length }, text: `\n${declarations}\n` }];

/** A line for each module. */
export const importLines = (imports: ReadonlyMap<string, ReadonlySet<string>>): string =>
  [...imports].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)).map(([specifier, names]) => `import { ${[...names].sort().join(', ')} } from "${specifier}"`).join('\n');

/** The library first, then by the alphabet. */
const rank = (specifier: string): string => `${specifier.startsWith('std/') ? 0 : 1}${specifier}`;
