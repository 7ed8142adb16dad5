import type { CstNode, IToken } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Span } from '../../text/source.ts';
import type { Arg, BinaryExpr, Comparison, ComparisonOperator, Expr, Name, QuantityLit, RecordEntry } from '../ast.ts';
import { limits } from '../limits.ts';
import { isOperator, precedence, type OperatorText } from '../precedence.ts';
import * as t from '../tokens.ts';
import { unitOf } from '../units.ts';
import {
  buildName, buildNumber, buildString, emptySpanAt, isReal, join, nodeOf, nodesOf, spanOf, spanOfToken, tokenOf, tokensOf, type Builder,
} from './cst.ts';
import { buildRanges } from './versions.ts';

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

/** Signs and words between operands, in the order of the text. */
function operatorsOf(cst: CstNode): readonly IToken[] {
  const words = [t.Div, t.Mod].flatMap((type) => tokensOf(cst, type));
  const signs = tokensOf(cst, t.Operator).filter((token) => isOperator(token.image));
  return words.length === 0 ? signs : [...signs, ...words].sort((a, b) => a.startOffset - b.startOffset);
}

/** `at` is where a missing expression is put; `depth` the level of the tree it begins at. */
export function buildExpression(b: Builder, cst: CstNode | undefined, at: number, depth = 0): Expr {
  if (cst === undefined) return missingExpr(at);
  const span = spanOf(cst, at);
  const tokens = operatorsOf(cst);
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
  if (isReal(word) && tokenOf(cst, t.At) !== undefined) {
    return { kind: 'VersionedName', span: spanOf(cst, at), name: buildName(word, at), versions: buildRanges(b, cst) };
  }
  if (isReal(word)) return buildWord(word);
  const number = tokenOf(cst, t.NumberLiteral);
  if (isReal(number)) return buildNumber(number, at);
  const quantity = tokenOf(cst, t.QuantityLiteral);
  if (isReal(quantity)) return buildQuantity(quantity, at);
  const string = tokenOf(cst, t.StringLiteral);
  if (isReal(string)) return buildString(string, at);
  const list = nodeOf(cst, 'list');
  if (list !== undefined) {
    const span = spanOf(list, at);
    const items = nodesOf(list, 'enclosed').map((item) => buildExpression(b, item, span.end, depth + 1));
    return { kind: 'ListExpr', span, items };
  }
  const record = nodeOf(cst, 'recordValue');
  if (record !== undefined) {
    const span = spanOf(record, at);
    return { kind: 'RecordExpr', span, entries: nodesOf(record, 'recordEntry').map((entry) => buildRecordEntry(b, entry, span.end, depth)) };
  }
  const group = nodeOf(cst, 'group');
  return buildExpression(b, group && nodeOf(group, 'enclosed'), at, depth + 1);
}

function buildRecordEntry(b: Builder, cst: CstNode, at: number, depth: number): RecordEntry {
  const span = spanOf(cst, at);
  const name = buildName(tokenOf(cst, t.Identifier), span.start);
  return { kind: 'RecordEntry', span, name, value: buildExpression(b, nodeOf(cst, 'enclosed'), span.end, depth + 1) };
}

/** A quantity, or one without a unit at `at`; the lexer knows the units. */
export function buildQuantity(token: IToken | undefined, at: number): QuantityLit {
  if (!isReal(token)) return { kind: 'QuantityLit', span: emptySpanAt(at), value: NaN, unit: '', text: '' };
  const unit = unitOf(token.image);
  return { kind: 'QuantityLit', span: spanOfToken(token), value: Number(token.image.slice(0, -unit.length)), unit, text: token.image };
}

const comparisons: ReadonlySet<string> = new Set<ComparisonOperator>(['==', '>=', '<=', '>', '<']);
const isComparison = (text: string): text is ComparisonOperator => comparisons.has(text);

/** `error_rate > 1%`; one that the parser made up is `==`. */
export function buildComparison(b: Builder, cst: CstNode | undefined, at: number): Comparison {
  const span = spanOf(cst, at);
  const token = cst && tokenOf(cst, t.Comparison);
  const [left, right] = cst === undefined ? [] : nodesOf(cst, 'expression');
  const image = token?.image ?? '';
  return {
    kind: 'Comparison', span, op: isComparison(image) ? image : '==',
    left: buildExpression(b, left, span.start), right: buildExpression(b, right, span.end),
  };
}

export function buildArgs(b: Builder, cst: CstNode, depth = 0): readonly Arg[] {
  return nodesOf(cst, 'arg').map((arg): Arg => {
    const span = spanOf(arg, spanOf(cst, 0).end);
    const token = tokenOf(arg, t.Identifier);
    const name: { name?: Name } = token === undefined ? {} : { name: buildName(token, span.start) };
    return { kind: 'Arg', span, ...name, value: buildExpression(b, nodeOf(arg, 'enclosed'), span.end, depth + 1) };
  });
}
