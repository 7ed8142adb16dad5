/** The edit that brings a name of another module into scope. */
import type { Host } from '../../host/host.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import { resolveSpecifier, specifierOf } from '../../names/specifiers.ts';
import type { TextEdit } from '../answers.ts';
import { rangeOf } from '../view.ts';

export function importEdit({ name, module }: Symbol, into: ModuleScope, host: Host): TextEdit[] {
  const insert = (offset: number, newText: string): TextEdit[] => [{ range: rangeOf(into.source, { start: offset, end: offset }), newText }];
  const existing = into.ast.imports.find((item) => resolveSpecifier(item.from.value, into.uri, host) === module.uri);
  const last = existing?.names.at(-1);
  if (last !== undefined) return insert(last.span.end, `, ${name}`);
  const line = `import { ${name} } from "${specifierOf(module.uri, into.uri, host)}"`;
  const end = into.ast.imports.at(-1)?.span.end;
  return end === undefined ? insert(0, `${line}\n\n`) : insert(end, `\n${line}`);
}
