import type { CstNode } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { wholeLines } from '../../text/lines.ts';
import type {
  DataClause, Name, NumberLit, RolloutDecl, Slot, SlotMember, ToolDecl, ToolMember,
} from '../ast.ts';
import * as t from '../tokens.ts';
import { buildName, buildNumber, buildString, docOf, isReal, nodeOf, nodesOf, spanOf, spanOfToken, tokenOf, tokensOf, writeAt, type Builder } from './cst.ts';
import { buildComparison, buildExpression, buildQuantity } from './expressions.ts';
import { buildLet, inOrder } from './parts.ts';

// ---------------------------------------------------------------- tools

/** The word that begins each tool, and those of its members. */
export const tools = {
  FitDecl: { word: t.Fit, members: ['data', 'let', 'loss', 'method', 'freeze', 'seed'] },
  VerifyDecl: { word: t.Verify, members: ['swap', 'data', 'let', 'require'] },
  ProbeDecl: { word: t.Probe, members: ['data', 'through', 'taps'] },
  GoldenDecl: { word: t.Golden, members: ['swap', 'data', 'tolerance'] },
} as const;
const toolKinds = Object.keys(tools) as (keyof typeof tools)[];

function buildData(b: Builder, cst: CstNode): DataClause {
  const span = spanOf(cst, 0);
  const name = tokenOf(cst, t.Identifier);
  return {
    kind: 'DataClause', span, ...docOf(b, cst), ...(isReal(name) ? { name: buildName(name, span.end) } : {}),
    path: buildString(tokenOf(cst, t.StringLiteral), span.end),
  };
}

const namesIn = (cst: CstNode, at: number): readonly Name[] => tokensOf(cst, t.Identifier).map((token) => buildName(token, at));

/** A member that begins with a word of its own. */
function buildToolMember(b: Builder, cst: CstNode): ToolMember | undefined {
  const span = spanOf(cst, 0);
  const has = (word: (typeof t)['Data']): boolean => tokenOf(cst, word) !== undefined;
  const value = () => buildExpression(b, nodeOf(cst, 'expression'), span.end);
  const number = (): NumberLit => buildNumber(tokenOf(cst, t.NumberLiteral), span.end);
  if (has(t.Data)) return buildData(b, cst);
  if (has(t.Loss)) return { kind: 'LossClause', span, value: value() };
  if (has(t.Method)) return { kind: 'MethodClause', span, value: value() };
  if (has(t.Freeze)) {
    const layers = nodesOf(cst, 'expression').map((node) => buildExpression(b, node, span.end));
    return { kind: 'FreezeClause', span, layers, ...(has(t.Until) ? { until: number() } : {}) };
  }
  if (has(t.Seed)) return { kind: 'SeedClause', span, value: number() };
  if (has(t.Tolerance)) return { kind: 'ToleranceClause', span, value: number() };
  if (has(t.Through)) return { kind: 'ThroughClause', span, parts: namesIn(cst, span.end) };
  if (has(t.Taps)) return { kind: 'TapsClause', span, taps: namesIn(cst, span.end) };
  if (has(t.Require)) return { kind: 'RequireClause', span, condition: buildComparison(b, nodeOf(cst, 'comparison'), span.end) };
  if (!has(t.Swap)) return undefined;
  const [part, replacement, model] = tokensOf(cst, t.Identifier);
  return { kind: 'SwapClause', span, part: buildName(part, span.end), replacement: buildName(replacement, span.end), model: buildName(model, span.end) };
}

const words: { readonly [K in ToolMember['kind']]: string } = {
  DataClause: 'data', Let: 'let', LossClause: 'loss', MethodClause: 'method', FreezeClause: 'freeze', SeedClause: 'seed', SwapClause: 'swap',
  RequireClause: 'require', ThroughClause: 'through', TapsClause: 'taps', ToleranceClause: 'tolerance',
};

/** The members that a tool has; those of another one are reported. */
function ownMembers(b: Builder, cst: CstNode, kind: keyof typeof tools, members: readonly ToolMember[]): readonly ToolMember[] {
  const tool = wordOf(kind);
  const known: readonly string[] = tools[kind].members;
  const others = toolKinds.filter((other) => members.every((member) => (tools[other].members as readonly string[]).includes(words[member.kind])));
  // One that has all of them is meant rather than this.
  const rename = others.length === 1 ? [writeAt(b.source, `Write \`${wordOf(others[0]!)}\``, spanOfToken(tokenOf(cst, tools[kind].word)!), wordOf(others[0]!))] : [];
  return members.filter(({ kind: member, span }) => {
    const word = words[member];
    if (known.includes(word)) return true;
    const location = { uri: b.source.uri, span: { start: span.start, end: span.start + word.length } };
    const leaveOut: Fix = { ...writeAt(b.source, `Leave out this \`${word}\``, wholeLines(b.source.text, span) ?? span, ''), doubtful: true };
    b.diagnostics.push(syntaxCodes.report('misplaced-member', { tool, word, known }, location, { fixes: [...rename, leaveOut] }));
    return false;
  });
}

const wordOf = (kind: keyof typeof tools): string => tools[kind].word.name.toLowerCase();

export function buildTool(b: Builder, cst: CstNode): ToolDecl {
  const span = spanOf(cst, 0);
  const kind = toolKinds.find((k) => tokenOf(cst, tools[k].word) !== undefined) ?? 'FitDecl';
  const members = inOrder<ToolMember>([
    ...nodesOf(cst, 'letStatement').map((node) => buildLet(b, node)),
    ...nodesOf(cst, 'toolMember').flatMap((node) => buildToolMember(b, node) ?? []),
  ]);
  const name = buildName(tokenOf(cst, t.Identifier), span.end);
  return { kind, span, ...docOf(b, cst), name, members: ownMembers(b, cst, kind, members) } as ToolDecl;
}

// ---------------------------------------------------------------- rollouts

function buildSlotMember(b: Builder, cst: CstNode, at: number): SlotMember | undefined {
  const span = spanOf(cst, at);
  const name = buildName(tokenOf(cst, t.Identifier), span.end);
  if (tokenOf(cst, t.Arm)) return { kind: 'ArmClause', span, head: name, share: buildQuantity(tokenOf(cst, t.QuantityLiteral), span.end) };
  if (tokenOf(cst, t.Shadow)) return { kind: 'ShadowClause', span, head: name };
  if (tokenOf(cst, t.Sticky)) return { kind: 'StickyClause', span, by: name };
  if (tokenOf(cst, t.Flag)) return { kind: 'FlagClause', span, flag: buildString(tokenOf(cst, t.StringLiteral), span.end), head: name };
  if (!tokenOf(cst, t.Rollback)) return undefined;
  return {
    kind: 'RollbackClause', span, head: name, condition: buildComparison(b, nodeOf(cst, 'comparison'), span.end),
    ...(tokenOf(cst, t.Over) === undefined ? {} : { over: buildNumber(tokenOf(cst, t.NumberLiteral), span.end) }),
  };
}

function buildSlot(b: Builder, cst: CstNode, at: number): Slot {
  const span = spanOf(cst, at);
  return {
    kind: 'Slot', span, ...docOf(b, cst), name: buildName(tokenOf(cst, t.Identifier), span.end),
    members: nodesOf(cst, 'slotMember').flatMap((member) => buildSlotMember(b, member, span.end) ?? []),
  };
}

export function buildRollout(b: Builder, cst: CstNode): RolloutDecl {
  const span = spanOf(cst, 0);
  const [name, model] = tokensOf(cst, t.Identifier);
  return {
    kind: 'RolloutDecl', span, ...docOf(b, cst), name: buildName(name, span.end), model: buildName(model, span.end),
    slots: nodesOf(cst, 'slot').map((slot) => buildSlot(b, slot, span.end)),
  };
}
