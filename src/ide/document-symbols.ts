/** A module's outline. */
import type { Declaration } from '../syntax/ast.ts';
import type { Span } from '../text/source.ts';
import type { ModuleScope } from '../names/modules.ts';
import type { DocumentSymbol, SymbolKind } from './answers.ts';
import { textOf } from './hover/heads.ts';
import { symbolOf } from './occurrences.ts';
import { membersOf } from './scope.ts';
import { declaredType, type MemberNode } from './targets.ts';
import { rangeOf, type View } from './view.ts';

const declarationKinds: Readonly<Record<Declaration['kind'], SymbolKind>> = {
  SpaceDecl: 'constant', TokenizerDecl: 'constant', LabelsDecl: 'enum', ContractDecl: 'interface', BackboneDecl: 'class',
  PartDecl: 'function', ModelDecl: 'module', AttributeDecl: 'enum', FitDecl: 'module', VerifyDecl: 'module', RolloutDecl: 'module',
  ProbeDecl: 'module', GoldenDecl: 'module',
};
const memberKinds: Readonly<Record<MemberNode['kind'], SymbolKind>> = {
  Param: 'variable', Let: 'variable', ParamStatement: 'field', RecordField: 'field', ModelInput: 'property', ModelOutput: 'property',
  StateMember: 'property', BackboneInput: 'property', BackboneOutput: 'property', TapMember: 'property',
};

export function documentSymbols({ compilation }: View, uri: string): DocumentSymbol[] {
  const scope = compilation.scopes.get(uri);
  if (scope === undefined) return [];
  return scope.ast.declarations.filter((d) => d.name.text !== '').map((declaration) => ({
    ...symbol(declaration.name, declaration.span, scope),
    detail: detailOf(declaration),
    kind: declarationKinds[declaration.kind],
    children: membersOf(symbolOf(declaration, scope)).filter((m) => m.name.text !== '').map((member) => memberSymbol(member, scope)),
  }));
}

function memberSymbol(member: MemberNode, scope: ModuleScope): DocumentSymbol {
  const type = declaredType(member);
  return {
    ...symbol(member.name, member.span, scope),
    detail: type === undefined ? '' : textOf(scope.source)(type),
    kind: memberKinds[member.kind],
    children: [],
  };
}

function symbol(name: { readonly text: string; readonly span: Span }, span: Span, { source }: ModuleScope) {
  // A recovered node may end before its name does; the protocol wants the name inside.
  const whole = { start: Math.min(span.start, name.span.start), end: Math.max(span.end, name.span.end) };
  return { name: name.text, range: rangeOf(source, whole), nameRange: rangeOf(source, name.span) };
}

function detailOf(declaration: Declaration): string {
  const version = 'version' in declaration && declaration.version ? ` @ ${declaration.version.text}` : '';
  const words = {
    SpaceDecl: 'space', TokenizerDecl: 'tokenizer', LabelsDecl: 'labels', AttributeDecl: 'attribute', ContractDecl: 'contract',
    BackboneDecl: 'backbone', ModelDecl: 'model', FitDecl: 'fit', VerifyDecl: 'verify', RolloutDecl: 'rollout', ProbeDecl: 'probe', GoldenDecl: 'golden',
  };
  return `${declaration.kind === 'PartDecl' ? declaration.role : words[declaration.kind]}${version}`;
}
