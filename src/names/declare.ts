/** Names and their one meaning in a module; what a second one is told. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import type { ImportName } from '../syntax/ast.ts';
import { listItem, wholeLines } from '../text/lines.ts';
import { at, type Span } from '../text/source.ts';
import type { ModuleScope, Symbol } from './modules.ts';

/** Gives a name its meaning in a module; a second meaning is an error at the second place, and false. */
export function declare(scope: ModuleScope, name: string, span: Span, symbol: Symbol, diagnostics: Diagnostic[], imported?: ImportName): boolean {
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
