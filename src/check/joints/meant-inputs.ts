/** Values that are of another kind than a part takes because something before it was meant otherwise: texts for tokens, vectors that are pooled already. */
import type { Place } from '../../diagnostics/diagnostic.ts';
import type { Expr, Node } from '../../syntax/ast.ts';
import { childrenOf } from '../../syntax/visit.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { Signature } from '../parts/signature.ts';
import { textNotes, tokenFixes } from '../types/foreign-types.ts';

type Said = Required<Pick<Place, 'notes' | 'fixes'>>;
const nothing: Said = { notes: [], fixes: [] };

/** A tensor of texts where a tokenizer's tensors are read: what the input is to be declared as. */
export function tokensMeant(template: Type, found: TensorType, expr: Expr, { symbol: { declaration }, scope: { module } }: Env): Said {
  const reads = template.kind === 'record' && [...template.fields.values()].some(({ facts }) => facts.some(({ kind }) => kind === 'tokenizer'));
  if (!reads || found.dtype !== 'string') return nothing;
  const name = expr.kind === 'NameExpr' ? expr.name.text : undefined;
  const input = declaration.kind === 'ModelDecl' ? declaration.members.find((member) => member.kind === 'ModelInput' && member.name.text === name) : undefined;
  return { notes: textNotes(module), fixes: input?.kind === 'ModelInput' ? tokenFixes({ span: input.type.span }, module) : [] };
}

/** One vector a text where the vectors of its tokens are pooled: it was pooled before. */
export function pooledAlready({ symbol }: Signature, { shape }: TensorType, expr: Expr, env: Env): Said {
  const pools = symbol.module.package === 'std' && /(?:^|_)pool$/.test(symbol.name);
  if (!pools || shape.rest !== undefined || shape.axes.length !== 2 || shape.axes.some(({ label }) => label !== undefined)) return nothing;
  const call = callOf(expr, env.symbol.declaration);
  const { module } = env.scope;
  return {
    notes: [`There is one vector for each text already, and \`${symbol.name}\` makes one of the vectors of its tokens: leave it out, or take the output of the encoder that has an axis of tokens.`],
    fixes: call === undefined ? [] : [{ title: `leave out \`${symbol.name}\``, edits: [replaceAt(call.span, writtenAt(expr, module), module)] }],
  };
}

/** The call, or the stage of a pipe with what is before it, whose first argument an expression is. */
function callOf(expr: Expr, within: Node): Node | undefined {
  for (const child of childrenOf(within)) {
    if (child.span.start > expr.span.start || child.span.end < expr.span.end) continue;
    const isCall = (child.kind === 'CallExpr' && child.args[0]?.value === expr) || (child.kind === 'PipeExpr' && child.value === expr);
    return isCall ? child : callOf(expr, child);
  }
  return undefined;
}
