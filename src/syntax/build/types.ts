import type { CstNode, IToken } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type {
  CompileTimeKind, ContractRef, DimBinary, DimExpr, DimItem, EllipsisDim, FactExpr, KindType, MissingType, TensorTypeExpr,
  TypeExpr, Version, VersionRange,
} from '../ast.ts';
import { limits } from '../limits.ts';
import * as t from '../tokens.ts';
import {
  buildName, emptySpanAt, isReal, join, nodeOf, nodesOf, spanOf, spanOfToken, tokenOf, tokensOf, type Builder,
} from './cst.ts';
import { buildArgs } from './expressions.ts';

const kinds: ReadonlySet<string> = new Set<CompileTimeKind>([
  'int', 'float', 'bool', 'str', 'dtype', 'space', 'tokenizer', 'labels',
]);
const isKind = (word: string): word is CompileTimeKind => kinds.has(word);

// ---------------------------------------------------------------- small things

/** Says where `=` stands for `==`, or the other way round. */
export function checkEquals(b: Builder, token: IToken | undefined, wanted: '=' | '=='): void {
  if (!isReal(token) || token.image === wanted) return;
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const fixes = [{ title: `Write \`${wanted}\``, edits: [{ location, text: wanted }] }];
  const words = { expected: `\`${wanted}\``, found: `\`${token.image}\`` };
  b.diagnostics.push(syntaxCodes.report('wrong-equals', words, location, { fixes }));
}

function reportVersion(b: Builder, token: IToken, meant: string | undefined): void {
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const fixes = meant === undefined ? [] : [{ title: `Write \`${meant}\``, edits: [{ location, text: meant }] }];
  b.diagnostics.push(syntaxCodes.report('invalid-version', { found: token.image }, location, { fixes }));
}

/** The version behind `@`, as a property to spread; `1.2` is reported and read as `1.2.0`. */
export function versionOf(b: Builder, cst: CstNode): { readonly version?: Version } {
  const token = tokenOf(cst, t.VersionLike);
  if (!isReal(token)) return {};
  const parts = /^\^?(\d+(?:\.\d+){0,2})$/.exec(token.image)?.[1]?.split('.');
  const text = parts && [...parts, '0', '0'].slice(0, 3).join('.');
  if (token.tokenType !== t.VersionLiteral) reportVersion(b, token, text);
  return text === undefined ? {} : { version: { kind: 'Version', span: spanOfToken(token), text } };
}

function buildRange(b: Builder, token: IToken): VersionRange {
  if (!/^\^?\d+(?:\.\d+){0,2}$/.test(token.image)) reportVersion(b, token, undefined);
  return { kind: 'VersionRange', span: spanOfToken(token), text: token.image };
}

const writtenIn = (cst: CstNode): readonly string[] =>
  nodesOf(cst, 'bound').map((bound) => {
    const number = tokenOf(bound, t.NumberLiteral) ?? tokenOf(bound, t.Inf);
    return `${tokenOf(bound, t.Minus) ? '-' : ''}${number?.image ?? ''}`;
  });

function buildBound(cst: CstNode | undefined): number {
  if (cst === undefined) return NaN;
  const number = tokenOf(cst, t.NumberLiteral);
  const size = isReal(number) ? Number(number.image) : tokenOf(cst, t.Inf) ? Infinity : NaN;
  return tokenOf(cst, t.Minus) && size !== 0 ? -size : size;
}

// ---------------------------------------------------------------- facts

function buildAxis(b: Builder, cst: CstNode | undefined): number {
  const axis = buildBound(cst);
  if (cst === undefined || Number.isNaN(axis) || Number.isSafeInteger(axis)) return axis;
  const span = spanOf(cst, 0);
  const found = b.source.text.slice(span.start, span.end);
  b.diagnostics.push(syntaxCodes.report('expected-integer', { what: 'An axis', found }, { uri: b.source.uri, span }));
  return axis;
}

function buildNamedFact(b: Builder, cst: CstNode, at: number): FactExpr {
  const span = spanOf(cst, at);
  const name = buildName(tokenOf(cst, t.Identifier), span.start);
  if (tokenOf(cst, t.CallParen) === undefined) return { kind: 'FlagFact', span, name };
  checkEquals(b, tokenOf(cst, t.Compare), '==');
  const [axis, value, tolerance] = nodesOf(cst, 'bound');
  return {
    kind: 'ReductionFact', span, name, axis: buildAxis(b, axis), value: buildBound(value),
    ...(tokenOf(cst, t.PlusMinus) === undefined ? {} : { tolerance: buildBound(tolerance) }),
    written: writtenIn(cst),
  };
}

function buildFact(b: Builder, cst: CstNode, at: number): FactExpr {
  const span = spanOf(cst, at);
  const range = nodeOf(cst, 'rangeFact');
  if (range !== undefined) {
    const [low, high] = nodesOf(range, 'bound');
    return { kind: 'RangeFact', span, low: buildBound(low), high: buildBound(high), written: writtenIn(range) };
  }
  const nominal = nodeOf(cst, 'nominalFact');
  if (nominal === undefined) return buildNamedFact(b, nodeOf(cst, 'namedFact') ?? cst, at);
  return {
    kind: 'NominalFact', span,
    nominal: tokenOf(nominal, t.Space) ? 'space' : 'tokenizer',
    name: buildName(tokenOf(nominal, t.Identifier), span.end),
    versions: tokensOf(nominal, t.VersionLike).filter(isReal).map((token) => buildRange(b, token)),
  };
}

// ---------------------------------------------------------------- dims

function buildSizeAtom(b: Builder, cst: CstNode | undefined, at: number, depth: number): DimExpr {
  const span = spanOf(cst, at);
  const number = cst && tokenOf(cst, t.NumberLiteral);
  if (isReal(number)) {
    const value = Number(number.image);
    const whole = /^\d+$/.test(number.image) && Number.isSafeInteger(value);
    if (!whole) {
      b.diagnostics.push(syntaxCodes.report('expected-integer', { what: 'A dim', found: number.image }, { uri: b.source.uri, span }));
    }
    return { kind: 'DimInt', span, value };
  }
  const inner = cst && nodeOf(cst, 'size');
  if (inner !== undefined) return buildSize(b, inner, span.start, depth);
  return { kind: 'DimName', span, name: buildName(cst && tokenOf(cst, t.Identifier), span.start) };
}

/** An operator of dims; one that dims do not have is reported and read as `*`. */
function dimOperator(b: Builder, token: IToken): DimBinary['op'] {
  if (token.image === '+' || token.image === '-' || token.image === '*') return token.image;
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  b.diagnostics.push(syntaxCodes.report('invalid-operator', { operator: token.image }, location));
  return '*';
}

/** Sums of products; both chains are left-associative. */
function buildSize(b: Builder, cst: CstNode | undefined, at: number, depth = 0): DimExpr {
  const nodes = cst === undefined ? [] : nodesOf(cst, 'sizeAtom');
  const operators = cst === undefined ? [] : tokensOf(cst, t.Operator).filter(isReal);
  const below = depth + operators.length + 1;
  const whole = spanOf(cst, at);
  if (below > limits.treeDepth) {
    b.diagnostics.push(syntaxCodes.report('nesting-too-deep', { limit: limits.treeDepth }, { uri: b.source.uri, span: whole }));
    return { kind: 'DimName', span: whole, name: buildName(undefined, at) };
  }
  const binary = (op: DimBinary['op'], left: DimExpr, right: DimExpr): DimExpr => ({
    kind: 'DimBinary', span: join(left.span, right.span), op, left, right,
  });
  let sum: { readonly op: DimBinary['op']; readonly left: DimExpr } | undefined;
  let product = buildSizeAtom(b, nodes[0], whole.start, below);
  for (const [i, token] of operators.entries()) {
    const op = dimOperator(b, token);
    const atom = buildSizeAtom(b, nodes[i + 1], spanOfToken(token).end, below);
    if (op === '*') product = binary(op, product, atom);
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
  const label = tokenOf(cst, t.Identifier);
  const size = buildSize(b, nodeOf(cst, 'size'), span.end);
  return { kind: 'DimItem', span, ...(isReal(label) ? { label: buildName(label, at) } : {}), size };
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

/** The facts of a `where` clause. */
export const buildFacts = (b: Builder, cst: CstNode | undefined, at: number): readonly FactExpr[] =>
  cst === undefined ? [] : nodesOf(cst, 'fact').map((fact) => buildFact(b, fact, at));

/** A type with its `where` clause. */
export function buildType(b: Builder, cst: CstNode | undefined, at: number): TypeExpr {
  const span = spanOf(cst, at);
  const base = buildBase(b, cst && nodeOf(cst, 'baseType'), span.start);
  return { kind: 'TypeExpr', span, base, facts: buildFacts(b, cst && nodeOf(cst, 'facts'), span.end) };
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
  return { kind: 'TypeExpr', span: base.span, base, facts: [] };
}
