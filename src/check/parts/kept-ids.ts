/** What a body that keeps a tokenizer does to ids. An id is an index: what is added to it, or multiplied, makes it the index of another word. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { Expr, Node, PartDecl } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { numberIn, operationOf, resolved, type Body, type Operation } from './kept-body.ts';
import { promisedPlace } from './kept-space.ts';
import { tensorsOf, type Signature } from './signature.ts';

/** Which number changes nothing, by the operator. */
const neutral: Readonly<Record<string, number>> = { '+': 0, '-': 0, '*': 1, '/': 1, Add: 0, Sub: 0, Mul: 1, Div: 1 };

/** Reports arithmetic on ids in a body that says that it keeps their tokenizer. */
export function reportCounted(declaration: PartDecl, body: Body): void {
  const { env } = body;
  const note = 'An id is an index into the vocabulary: the next number is another word. Where a file counts its vocabulary otherwise, its ids are those of another `tokenizer`.';
  visit(declaration.body!, {
    enter: (node) => {
      const summed = node.kind === 'CallExpr' || node.kind === 'PipeExpr' ? operationOf(node) : undefined;
      const isSum = summed?.name === 'CumSum' && summed.operands[0] !== undefined && areIds(resolved(summed.operands[0], body), body);
      if (isSum) env.report(counted(declaration, node, note, env));
      const [sign, a, b] = node.kind === 'BinaryExpr' ? [node.op, node.left, node.right] : node.kind === 'CallExpr' || node.kind === 'PipeExpr' ? signOf(operationOf(node)) : [];
      const number = numberIn(b) ?? (sign === '/' || sign === 'Div' ? undefined : numberIn(a));
      const ids = numberIn(b) === undefined ? b : a;
      if (sign === undefined || ids === undefined || number === undefined || number === neutral[sign] || !areIds(resolved(ids, body), body)) return;
      env.report(counted(declaration, node, note, env));
    },
  });
}

const counted = (declaration: PartDecl, node: Node, note: string, env: Env): Diagnostic =>
  jointCodes.report('ids-counted', { part: declaration.name.text, value: writtenAt(node, env.scope.module) }, at(env.scope.module, node.span), promisedPlace(declaration, 'tokenizer', note, env.scope.module));

const signOf = (operation: Operation | undefined): readonly [string?, (Expr | undefined)?, (Expr | undefined)?] => (operation !== undefined && Object.hasOwn(neutral, operation.name) ? [operation.name, operation.operands[0], operation.operands[1]] : []);

/** An input of ids: what says a tokenizer, or the first input that is no mask. */
function areIds(expr: Expr, { signature }: Body): boolean {
  const { name, field } = expr.kind === 'FieldExpr' && expr.object.kind === 'NameExpr' ? { name: expr.object.name.text, field: expr.field.text } : { name: expr.kind === 'NameExpr' ? expr.name.text : '', field: undefined };
  const parameter = signature.tensors.find((tensor) => tensor.name === name);
  const type = parameter?.type.kind === 'record' ? (field === undefined ? undefined : parameter.type.fields.get(field)) : field === undefined && parameter?.type.kind === 'tensor' ? parameter.type : undefined;
  if (type === undefined || type.facts.some(({ kind }) => kind === 'mask' || kind === 'prefix_mask')) return false;
  const saysTokenizer = ({ type: each }: { readonly type: Signature['result'] }): boolean => tensorsOf(each).some(({ facts }) => facts.some(({ kind }) => kind === 'tokenizer'));
  return type.facts.some(({ kind }) => kind === 'tokenizer') || (!signature.tensors.some(saysTokenizer) && parameter === signature.tensors[0]);
}
