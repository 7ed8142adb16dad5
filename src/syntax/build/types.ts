import type { CstNode, IToken } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type {
  CompileTimeKind, ContractRef, DimCall, DimExpr, DimItem, DimOperator, EllipsisDim, KindType, MissingType, TensorTypeExpr, TypeExpr,
} from '../ast.ts';
import { limits } from '../limits.ts';
import * as t from '../tokens.ts';
import {
  buildName, emptySpanAt, isReal, join, nodeOf, nodesOf, spanOf, spanOfToken, tokenOf, tokensOf, wholeFixes, writeAt, type Builder,
} from './cst.ts';
import { buildArgs } from './expressions.ts';
import { buildFacts } from './facts.ts';

const kinds: ReadonlySet<string> = new Set<CompileTimeKind>([
  'int', 'float', 'bool', 'str', 'dtype', 'space', 'tokenizer', 'labels', 'initializer',
]);
const isKind = (word: string): word is CompileTimeKind => kinds.has(word);

// ---------------------------------------------------------------- dims

function buildSizeAtom(b: Builder, cst: CstNode | undefined, at: number, depth: number): DimExpr {
  const span = spanOf(cst, at);
  const number = cst && tokenOf(cst, t.NumberLiteral);
  if (isReal(number)) {
    const value = Number(number.image);
    const whole = /^\d+$/.test(number.image) && Number.isSafeInteger(value);
    if (!whole) {
      // Its nearest number would be too large, too.
      const told = b.diagnostics.findIndex(({ code, location }) => code === 'number-out-of-range' && location.span.start === span.start);
      if (told >= 0) b.diagnostics.splice(told, 1);
      b.diagnostics.push(syntaxCodes.report('expected-integer', { what: 'A dim', found: number.image }, { uri: b.source.uri, span }, { fixes: wholeFixes(b, number.image, span) }));
    }
    return { kind: 'DimInt', span, value };
  }
  const inner = cst === undefined ? [] : nodesOf(cst, 'size');
  const word = cst && tokenOf(cst, t.Identifier);
  if (word === undefined && inner.length > 0) return buildSize(b, inner[0], span.start, depth);
  const name = buildName(word, span.start);
  if (inner.length === 0 || !isReal(word)) return { kind: 'DimName', span, name };
  if (!isDimFunction(word.image)) {
    b.diagnostics.push(syntaxCodes.report('invalid-operator', { operator: `${word.image}(…)` }, { uri: b.source.uri, span: spanOfToken(word) }));
    return { kind: 'DimName', span, name: buildName(undefined, span.start) };
  }
  return { kind: 'DimCall', span, callee: word.image, args: inner.map((size) => buildSize(b, size, span.start, depth + 1)) };
}

/** `384 / 2`, of numbers of which one divides the other. */
function quotientFixes({ source }: Builder, left: CstNode | undefined, right: CstNode | undefined): Fix[] {
  const [above, below] = [left, right].map((cst) => Number((cst && tokenOf(cst, t.NumberLiteral))?.image));
  const quotient = above! / below!;
  return Number.isSafeInteger(quotient) ? [writeAt(source, `Write \`${quotient}\``, join(spanOf(left, 0), spanOf(right, 0)), String(quotient))] : [];
}

const isDimFunction = (word: string): word is DimCall['callee'] => word === 'min' || word === 'max';

const dimOperators: ReadonlySet<string> = new Set<DimOperator>(['+', '-', '*', 'div', 'mod']);
const isDimOperator = (text: string): text is DimOperator => dimOperators.has(text);

/** An operator of dims; one that dims do not have is reported and read as `*`, `/` as the `div` that is meant. */
function dimOperator(b: Builder, token: IToken, left: CstNode | undefined, right: CstNode | undefined): DimOperator {
  if (isDimOperator(token.image)) return token.image;
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const isQuotient = token.image === '/';
  const isSpaced = /\s/.test(b.source.text[location.span.end] ?? '');
  const whole = quotientFixes(b, left, right);
  const fixes = whole.length > 0 ? whole : [writeAt(b.source, 'Write `div`', location.span, isSpaced ? 'div' : ' div ')];
  const notes = isQuotient ? ['A quotient may not be whole: `div` rounds it down. Or name the smaller size, and write the larger one as its multiple: `half` goes with `2 * half`.'] : [];
  b.diagnostics.push(syntaxCodes.report('invalid-operator', { operator: token.image }, location, { notes, fixes: isQuotient ? fixes : [] }));
  return isQuotient ? 'div' : '*';
}

/** Sums of products; both chains are left-associative. */
function buildSize(b: Builder, cst: CstNode | undefined, at: number, depth = 0): DimExpr {
  const nodes = cst === undefined ? [] : nodesOf(cst, 'sizeAtom');
  const operators = cst === undefined ? [] : [t.Operator, t.Div, t.Mod].flatMap((type) => tokensOf(cst, type)).filter(isReal).sort((x, y) => x.startOffset - y.startOffset);
  const below = depth + operators.length + 1;
  const whole = spanOf(cst, at);
  if (below > limits.treeDepth) {
    b.diagnostics.push(syntaxCodes.report('nesting-too-deep', { limit: limits.treeDepth }, { uri: b.source.uri, span: whole }));
    return { kind: 'DimName', span: whole, name: buildName(undefined, at) };
  }
  const binary = (op: DimOperator, left: DimExpr, right: DimExpr): DimExpr => ({
    kind: 'DimBinary', span: join(left.span, right.span), op, left, right,
  });
  let sum: { readonly op: DimOperator; readonly left: DimExpr } | undefined;
  let product = buildSizeAtom(b, nodes[0], whole.start, below);
  for (const [i, token] of operators.entries()) {
    const op = dimOperator(b, token, nodes[i], nodes[i + 1]);
    const atom = buildSizeAtom(b, nodes[i + 1], spanOfToken(token).end, below);
    if (op !== '+' && op !== '-') product = binary(op, product, atom);
    else {
      sum = { op, left: sum === undefined ? product : binary(sum.op, sum.left, product) };
      product = atom;
    }
  }
  return sum === undefined ? product : binary(sum.op, sum.left, product);
}

function buildDim(b: Builder, cst: CstNode, at: number): DimItem | EllipsisDim {
  const span = spanOf(cst, at);
  if (tokenOf(cst, t.Ellipsis)) return { kind: 'EllipsisDim', span };
  const words = tokensOf(cst, t.Identifier);
  const label = tokenOf(cst, t.Colon) === undefined ? {} : { label: buildName(words[0], span.start) };
  if (tokenOf(cst, t.Some) === undefined) return { kind: 'DimItem', span, ...label, some: false, size: buildSize(b, nodeOf(cst, 'size'), span.end) };
  const name = buildName(words['label' in label ? 1 : 0], span.end);
  return { kind: 'DimItem', span, ...label, some: true, size: { kind: 'DimName', span: name.span, name } };
}

// ---------------------------------------------------------------- types

function buildBase(b: Builder, cst: CstNode | undefined, at: number): TensorTypeExpr | ContractRef | MissingType {
  const token = cst && tokenOf(cst, t.Identifier);
  if (cst === undefined || !isReal(token)) return { kind: 'MissingType', span: emptySpanAt(at) };
  const span = spanOf(cst, at);
  const name = buildName(token, at);
  const dims = nodeOf(cst, 'dims');
  if (dims !== undefined) {
    return { kind: 'TensorTypeExpr', span, dtype: name, dims: nodesOf(dims, 'dim').map((dim) => buildDim(b, dim, span.end)) };
  }
  const args = nodeOf(cst, 'args');
  return { kind: 'ContractRef', span, name, args: args === undefined ? [] : buildArgs(b, args) };
}

/** A type with its `where` clause. */
export function buildType(b: Builder, cst: CstNode | undefined, at: number): TypeExpr {
  const span = spanOf(cst, at);
  const base = buildBase(b, cst && nodeOf(cst, 'baseType'), span.start);
  return { kind: 'TypeExpr', span, base, ...buildFacts(b, cst && nodeOf(cst, 'facts'), span.end) };
}

/** What stands behind a parameter's colon: a type without facts, or one of the compile-time kinds. */
export function buildParamType(b: Builder, param: CstNode, at: number): TypeExpr | KindType {
  const cst = nodeOf(param, 'baseType');
  const bare = cst !== undefined && !nodeOf(cst, 'dims') && !nodeOf(cst, 'args');
  const word = cst === undefined
    ? (tokenOf(param, t.Space) ?? tokenOf(param, t.Tokenizer) ?? tokenOf(param, t.Labels))
    : bare ? tokenOf(cst, t.Identifier) : undefined;
  if (isReal(word) && isKind(word.image)) return { kind: 'KindType', span: spanOfToken(word), name: word.image };
  const base = buildBase(b, cst, at);
  const facts = b.parameterFacts.get(tokenOf(param, t.Identifier)?.startOffset ?? -1);
  const span = facts === undefined ? base.span : join(base.span, spanOf(facts, at));
  return { kind: 'TypeExpr', span, base, ...buildFacts(b, facts, at) };
}
