/** Where the text needs parentheses that the tree does not have. */
import type { DimExpr, Expr, Node } from '../syntax/ast.ts';
import { precedence } from '../syntax/precedence.ts';

/** How tightly an expression holds together; whatever is no row of operators holds best. */
export function levelOf(node: Node): number {
  if (node.kind === 'PipeExpr') return precedence['|>'];
  return node.kind === 'BinaryExpr' || node.kind === 'DimBinary' ? precedence[node.op] : Infinity;
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

/** Whether brackets stand around a row: those of a call, a list or a record, or its own. `above(0)` is the parent. */
function isEnclosed(above: (level: number) => Node | undefined): boolean {
  const parent = above(0);
  if (parent?.kind === 'Arg' || parent?.kind === 'ListExpr' || parent?.kind === 'RecordEntry') return true;
  if (parent?.kind !== 'BinaryExpr' && parent?.kind !== 'PipeExpr') return false;
  const beyond = (level: number): Node | undefined => above(level + 1);
  return needsParens(parent, beyond) || isEnclosed(beyond);
}

/** `above(0)` is the node's parent. */
export function needsParens(node: Node, above: (level: number) => Node | undefined): boolean {
  const isWord = node.kind === 'BinaryExpr' && (node.op === 'div' || node.op === 'mod');
  return bindsLooser(node, above(0)) || (isWord && !isEnclosed(above));
}

function bindsLooser(node: Node, parent: Node | undefined): boolean {
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
