/** `swap OLD with NEW in MODEL`, of whatever tool. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { at } from '../../text/source.ts';
import type { Expr, SwapClause } from '../../syntax/ast.ts';
import { removeClause } from '../edits.ts';
import { lookupKind } from '../types/declarations.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { inputsApart, resultsApart, signatureFor } from './compatible.ts';
import type { CheckedSwap } from './model.ts';
import type { ToolScope } from './scope.ts';

/** Undefined where it is at fault, which is reported. */
export function checkSwap(clause: SwapClause, scope: ToolScope): CheckedSwap | undefined {
  const callable = ['PartDecl', 'BackboneDecl'] as const;
  const part = lookupKind(clause.part, scope.module, callable, 'part', scope.report);
  const replacement = lookupKind(clause.replacement, scope.module, callable, 'part', scope.report);
  const model = lookupKind(clause.model, scope.module, ['ModelDecl'], 'model', scope.report);
  if (part === undefined || replacement === undefined || model === undefined) return undefined;
  const mismatch = (why: string, span: Expr['span'], notes: readonly string[] = []): undefined => {
    const args = { part: part.name, replacement: replacement.name, why };
    const related = [...new Set([part, replacement])].map((symbol) => ({ location: at(symbol.module, symbol.declaration.name.span), text: part === replacement ? 'is both' : symbol === part ? 'is taken out' : 'is put in' }));
    scope.report(toolCodes.report('swap-mismatch', args, at(scope.module, span), { related, notes }));
    return undefined;
  };
  if (part === replacement) return mismatch('it is the same part', clause.replacement.span);
  const reached = reachedFrom(model, scope.checker);
  // A model that was upgraded calls the replacement: it is compared with itself as it was.
  const standing = reached.includes(part) ? 'part' : reached.includes(replacement) ? 'replacement' : undefined;
  if (standing === undefined) {
    const called = [...new Set(reached.filter((symbol) => symbol !== model).map(({ name }) => `\`${name}\``))];
    return mismatch(`\`${model.name}\` does not call \`${part.name}\``, clause.part.span, called.length === 0 ? [] : [`It calls ${called.slice(0, 8).join(', ')}${called.length > 8 ? ` and ${called.length - 8} more` : ''}.`]);
  }
  const [expected, found] = [signatureFor(part, scope), signatureFor(replacement, scope)];
  if (expected === undefined || found === undefined) return undefined;
  const why = inputsApart(expected, found, true) ?? resultsApart(expected, found);
  return why === undefined ? { part, replacement, model, standing } : mismatch(why, clause.replacement.span);
}

/** One part of one model can be swapped once. */
export function reportTwice(clauses: readonly SwapClause[], scope: ToolScope): void {
  clauses.forEach((clause, i) => {
    const first = clauses.slice(0, i).find((c) => c.part.text === clause.part.text && c.model.text === clause.model.text);
    if (first === undefined || clause.part.text === '') return;
    const what = `swap of \`${clause.part.text}\` in \`${clause.model.text}\``;
    scope.report(toolCodes.report('tool-repeated', { what, tool: `\`${scope.tool}\`` }, at(scope.module, clause.span), { label: 'said again here', related: [{ location: at(scope.module, first.span), text: 'first here' }], fixes: [removeClause('leave out the second', clause, scope.module)] }));
  });
}
