/** A name of their own for the parameters of a call, where another call has the same. */
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { visit } from '../../syntax/visit.ts';
import { contains, type Location, type Span } from '../../text/source.ts';
import type { Callable } from '../context.ts';
import { insertAt, replaceAt } from '../edits.ts';

/** A `let` for the first of two calls, above what it is a part of, so that its parameters have a name of their own. */
export function nameCall({ uri, span }: Location, { declaration, module }: Symbol<Callable>): Fix[] {
  // A file that is there has the keys that it has.
  if (uri !== module.uri || declaration.kind !== 'PartDecl' || declaration.body === undefined || !declaration.weights?.learned) return [];
  const { statements, result } = declaration.body;
  const statement = [...statements, result].find((each) => contains(each.span, span.start));
  const isSame = (other: Span): boolean => other.start === span.start && other.end === span.end;
  let call: Span | undefined;
  visit(declaration.body, { enter: (node) => void ((node.kind === 'PipeExpr' && isSame(node.stage.span)) || (call === undefined && node.kind === 'CallExpr' && isSame(node.span)) ? (call = node.span) : undefined) });
  if (statement === undefined || call === undefined) return [];
  const taken = new Set([...declaration.params, ...statements].map(({ name }) => name.text));
  const name = ['first', 'hidden', 'first_call'].find((each) => !taken.has(each) && !module.names.has(each));
  if (name === undefined) return [];
  const text = module.source.text.slice(call.start, call.end);
  const edits = call.start === statement.span.start ? [replaceAt(call, `let ${name} = ${text}\n  ${name}`, module)] : [insertAt(statement.span.start, `let ${name} = ${text}\n  `, module), replaceAt(call, name, module)];
  return [{ title: `give the first call a \`let\``, edits }];
}
