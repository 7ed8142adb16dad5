/** Where the text needs parentheses that the tree does not have. */
import type { DimExpr, Expr, Node } from '../syntax/ast.ts';
import { dimPrecedence, precedence } from '../syntax/precedence.ts';

/** How tightly an expression holds together; whatever is no row of operators holds best. */
export function levelOf(node: Node): number {
  if (node.kind === 'PipeExpr') return precedence['|>'];
  if (node.kind === 'DimBinary') return dimPrecedence[node.op];
  return node.kind === 'BinaryExpr' ? precedence[node.op] : Infinity;
}

/** True where the text of an expression begins with a sign, which would continue the line above. */
function beginsWithSign(node: Expr): boolean {
  if (node.kind === 'UnaryExpr') return true;
  if (node.kind === 'PipeExpr') return beginsWithSign(node.value);
  return node.kind === 'BinaryExpr' && levelOf(node.left) >= levelOf(node) && beginsWithSign(node.left);
}

/** An operand must bind at least as tightly as its operator, a right one more tightly. */
function inRow(node: Node, left: Expr | DimExpr, parent: Node): boolean {
  return node === left ? levelOf(node) < levelOf(parent) : levelOf(node) <= levelOf(parent);
}

export function needsParens(node: Node, parent: Node | undefined): boolean {
  switch (parent?.kind) {
    case 'PipeExpr':
      return inRow(node, parent.value, parent);
    case 'BinaryExpr':
    case 'DimBinary':
      return inRow(node, parent.left, parent);
    case 'UnaryExpr':
      return levelOf(node) < Infinity;
    case 'FieldExpr':
      return node === parent.object && (levelOf(node) < Infinity || node.kind === 'UnaryExpr');
    case 'CallExpr':
      return node === parent.callee && (levelOf(node) < Infinity || node.kind === 'UnaryExpr');
    case 'Comparison':
      // Of a budget's second entry the sign would continue the first.
      return node === parent.left && beginsWithSign(parent.left);
    case 'Block':
      return node === parent.result && parent.statements.length > 0 && beginsWithSign(parent.result);
    default:
      return false;
  }
}
