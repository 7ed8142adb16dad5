/** What each word of a module is, for colours: names by what they stand for, the rest by the lexer. */
import type { ModuleScope } from '../names/modules.ts';
import { lex } from '../syntax/lex.ts';
import { NumberLiteral, StringLiteral, VersionLiteral, CaretRange, wordTokens } from '../syntax/tokens.ts';
import { positionAt, type Position, type Span } from '../text/source.ts';
import { occurrencesIn } from './occurrences.ts';
import type { Occurrence, Target } from './targets.ts';
import type { View } from './view.ts';

export const tokenTypes = [
  'keyword', 'comment', 'string', 'number', 'type', 'interface', 'enum', 'class', 'function', 'namespace', 'parameter', 'variable', 'property',
] as const;
export const tokenModifiers = ['declaration', 'defaultLibrary'] as const;

export interface SemanticToken {
  readonly position: Position;
  /** In UTF-16 code units; a token lies on one line. */
  readonly length: number;
  readonly type: (typeof tokenTypes)[number];
  readonly modifiers: readonly (typeof tokenModifiers)[number][];
}

type Painted = Omit<SemanticToken, 'position' | 'length'> & { readonly span: Span };

/** In the order of the text, none overlapping another. */
export function semanticTokens({ compilation, host }: View, uri: string): SemanticToken[] {
  const scope = compilation.scopes.get(uri);
  if (scope === undefined) return [];
  const names = occurrencesIn(scope, host).flatMap((occurrence) => paintName(occurrence));
  const painted = new Map<number, Painted>();
  // A word that stands for something is not the keyword that it looks like.
  for (const token of [...lexicalTokens(scope), ...names]) painted.set(token.span.start, token);
  const sorted = [...painted.values()].sort((a, b) => a.span.start - b.span.start);
  return sorted.map(({ span, type, modifiers }) => ({
    position: positionAt(scope.source, span.start),
    length: span.end - span.start,
    type,
    modifiers,
  }));
}

function lexicalTokens({ source }: ModuleScope): Painted[] {
  const { tokens, comments } = lex(source);
  const words = new Set(wordTokens.values());
  const types = new Map([[StringLiteral, 'string'], [NumberLiteral, 'number'], [VersionLiteral, 'number'], [CaretRange, 'number']] as const);
  const lexical = tokens.flatMap(({ tokenType, startOffset, image }): Painted[] => {
    const type = words.has(tokenType) ? 'keyword' : types.get(tokenType);
    return type === undefined ? [] : [{ span: { start: startOffset, end: startOffset + image.length }, type, modifiers: [] }];
  });
  return [...lexical, ...comments.map(({ span }): Painted => ({ span, type: 'comment', modifiers: [] }))];
}

const declarationTypes = {
  SpaceDecl: 'namespace', TokenizerDecl: 'namespace', LabelsDecl: 'enum', ContractDecl: 'interface', BackboneDecl: 'class',
  PartDecl: 'function', ModelDecl: 'class', AttributeDecl: 'enum', FitDecl: 'class', VerifyDecl: 'class', RolloutDecl: 'class',
  ProbeDecl: 'class', GoldenDecl: 'class',
} as const;
const memberTypes = {
  Param: 'parameter', Let: 'variable', ParamStatement: 'property', ModelInput: 'parameter', ModelOutput: 'property',
  StateMember: 'variable', BackboneInput: 'parameter', BackboneOutput: 'property', TapMember: 'property', RecordField: 'property',
} as const;

function typeOf(target: Target): SemanticToken['type'] | undefined {
  switch (target.kind) {
    case 'declaration':
      return declarationTypes[target.symbol.declaration.kind];
    case 'member':
      return memberTypes[target.node.kind];
    case 'size':
      return 'variable';
    case 'operator':
      return 'function';
    case 'attribute':
      return 'parameter';
    case 'word':
      return target.of === 'fact' ? 'keyword' : 'type';
    default:
      // Paths are strings.
      return undefined;
  }
}

function paintName({ span, target, declares }: Occurrence): Painted[] {
  const type = typeOf(target);
  if (type === undefined) return [];
  const library = target.kind === 'operator' || (target.kind === 'declaration' && target.symbol.module.package === 'std');
  const modifiers = [...(declares ? (['declaration'] as const) : []), ...(library ? (['defaultLibrary'] as const) : [])];
  return [{ span, type, modifiers }];
}
