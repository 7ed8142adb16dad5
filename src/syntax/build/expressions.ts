import type { CstNode, IToken } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Span } from '../../text/source.ts';
import type { Arg, BinaryExpr, Expr, Name } from '../ast.ts';
import { limits } from '../limits.ts';
import { isOperator, precedence, type OperatorText } from '../precedence.ts';
import * as t from '../tokens.ts';
import {
  buildName, buildString, emptySpanAt, isReal, join, nodeOf, nodesOf, spanOf, spanOfToken, tokenOf, tokensOf, type Builder,
} from './cst.ts';

/** An expression and the text that it takes, its parentheses included. */
interface Placed {
  readonly expr: Expr;
  readonly span: Span;
}

export const missingExpr = (at: number): Expr => ({ kind: 'MissingExpr', span: emptySpanAt(at) });

/** How many of `wanted` levels fit below `depth`; what is too deep is reported once a module. */
function levels(b: Builder, wanted: number, depth: number, span: Span): number {
  const room = Math.max(0, limits.treeDepth - depth);
  if (wanted <= room) return wanted;
  if (!b.diagnostics.some((d) => d.code === 'nesting-too-deep')) {
    b.diagnostics.push(syntaxCodes.report('nesting-too-deep', { limit: limits.treeDepth }, { uri: b.source.uri, span }));
  }
  return room;
}

function combine(op: OperatorText, left: Placed, right: Placed): Placed {
  const span = join(left.span, right.span);
  if (op === '|>') return { expr: { kind: 'PipeExpr', span, value: left.expr, stage: right.expr }, span };
  const expr: BinaryExpr = { kind: 'BinaryExpr', span, op, left: left.expr, right: right.expr };
  return { expr, span };
}

/** A flat row of operands and operators, folded by precedence. */
function fold(operands: readonly Placed[], operators: readonly OperatorText[]): Placed {
  let next = 0;
  const climb = (lowest: number): Placed => {
    let left = operands[next]!;
    while (next < operators.length && precedence[operators[next]!] >= lowest) {
      const op = operators[next++]!;
      left = combine(op, left, climb(precedence[op] + 1));
    }
    return left;
  };
  return climb(1);
}

/** `at` is where a missing expression is put; `depth` the level of the tree it begins at. */
export function buildExpression(b: Builder, cst: CstNode | undefined, at: number, depth = 0): Expr {
  if (cst === undefined) return missingExpr(at);
  const span = spanOf(cst, at);
  const tokens = tokensOf(cst, t.Operator).filter((token) => isOperator(token.image));
  const count = levels(b, tokens.length + 1, depth, span) - 1;
  if (count < 0) return missingExpr(span.start);
  const nodes = nodesOf(cst, 'operand');
  const operators = tokens.slice(0, count).map((token) => token.image as OperatorText);
  const operands = Array.from({ length: count + 1 }, (_, i): Placed => {
    const end = i === 0 ? span.start : spanOfToken(tokens[i - 1]!).end;
    return buildOperand(b, nodes[i], end, depth + count + 1);
  });
  return fold(operands, operators).expr;
}

function buildOperand(b: Builder, cst: CstNode | undefined, at: number, depth: number): Placed {
  if (cst === undefined) return { expr: missingExpr(at), span: emptySpanAt(at) };
  const whole = spanOf(cst, at);
  const signs = tokensOf(cst, t.Minus).filter(isReal);
  const suffixes = nodesOf(cst, 'postfix');
  const count = signs.length + suffixes.length;
  if (levels(b, count, depth, whole) < count) return { expr: missingExpr(whole.start), span: whole };
  const atom = nodeOf(cst, 'atom');
  const start = spanOf(atom, whole.end).start;
  let expr = buildAtom(b, atom, start, depth + count);
  for (const suffix of suffixes) {
    const span = join(emptySpanAt(start), spanOf(suffix, start));
    const args = nodeOf(suffix, 'args');
    if (args !== undefined) expr = { kind: 'CallExpr', span, callee: expr, args: buildArgs(b, args, depth + count) };
    else expr = { kind: 'FieldExpr', span, object: expr, field: buildName(tokenOf(suffix, t.Identifier), span.end) };
  }
  for (const sign of signs.toReversed()) {
    expr = { kind: 'UnaryExpr', span: { start: sign.startOffset, end: whole.end }, op: '-', operand: expr };
  }
  return { expr, span: whole };
}

function buildWord(token: IToken): Expr {
  const span = spanOfToken(token);
  if (token.image === 'true' || token.image === 'false') return { kind: 'BoolLit', span, value: token.image === 'true' };
  return { kind: 'NameExpr', span, name: buildName(token, span.start) };
}

function buildAtom(b: Builder, cst: CstNode | undefined, at: number, depth: number): Expr {
  if (cst === undefined) return missingExpr(at);
  const word = tokenOf(cst, t.Identifier);
  if (isReal(word)) return buildWord(word);
  const number = tokenOf(cst, t.NumberLiteral);
  if (isReal(number)) {
    return { kind: 'NumberLit', span: spanOfToken(number), value: Number(number.image), text: number.image };
  }
  const string = tokenOf(cst, t.StringLiteral);
  if (isReal(string)) return buildString(string, at);
  const list = nodeOf(cst, 'list');
  if (list !== undefined) {
    const span = spanOf(list, at);
    const items = nodesOf(list, 'expression').map((item) => buildExpression(b, item, span.end, depth + 1));
    return { kind: 'ListExpr', span, items };
  }
  const group = nodeOf(cst, 'group');
  return buildExpression(b, group && nodeOf(group, 'expression'), at, depth + 1);
}

export function buildArgs(b: Builder, cst: CstNode, depth = 0): readonly Arg[] {
  return nodesOf(cst, 'arg').map((arg): Arg => {
    const span = spanOf(arg, spanOf(cst, 0).end);
    const token = tokenOf(arg, t.Identifier);
    const name: { name?: Name } = token === undefined ? {} : { name: buildName(token, span.start) };
    return { kind: 'Arg', span, ...name, value: buildExpression(b, nodeOf(arg, 'expression'), span.end, depth + 1) };
  });
}
