/** Declarations and what stands in them. */
import { cardOf } from '../../check/files/cards.ts';
import { evaluateType } from '../../check/types/type-expr.ts';
import { rootScope } from '../../check/types/type-scope.ts';
import { identityOf, isKind } from '../../check/types/declarations.ts';
import type { Symbol } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import type { BackboneDecl, StringLit, TypeExpr } from '../../syntax/ast.ts';
import { showStatement, showTensor } from '../../types/show.ts';
import { unknownType, type TensorType, type Type } from '../../types/type.ts';
import { declaredType, type Member } from '../targets.ts';
import type { View } from '../view.ts';
import { fileText } from './files.ts';
import { declarationHead, memberHead, memberName } from './heads.ts';
import { bullets, fence, knownOf, paragraphs, typed, valued } from './types.ts';
import { kindWords } from './words.ts';

export function declarationText(symbol: Symbol, view: View): string {
  const { declaration, module } = symbol;
  return paragraphs(fence(declarationHead(declaration, module.source)), declaration.doc, detail(symbol, view));
}

/** What the checker knows of a declaration beyond its text. */
function detail(symbol: Symbol, view: View): string {
  const { declaration, module } = symbol;
  const file = (path: StringLit | undefined, role: 'backbone' | 'tokenizer' | 'weights'): string => {
    const uri = path && resolvePath(path.value, module.uri);
    return uri === undefined ? '' : fileText(uri, role, view);
  };
  switch (declaration.kind) {
    case 'SpaceDecl':
      return identityText('space', symbol, view);
    case 'TokenizerDecl':
      return paragraphs(identityText('tokenizer', symbol, view), file(declaration.source, 'tokenizer'));
    case 'LabelsDecl':
      return `${declaration.values.length} classes.`;
    case 'ContractDecl':
      return declaration.params.length > 0 ? '' : expansion(symbol);
    case 'BackboneDecl':
      return paragraphs(cardText(symbol as Symbol<BackboneDecl>), file(declaration.members.find((m) => m.kind === 'SourceClause')?.path, 'backbone'));
    case 'PartDecl':
      return paragraphs(resultText(symbol, view), file(declaration.weights?.path, 'weights'), file(declaration.source?.path, 'backbone'));
    case 'ModelDecl':
      return outputsText(symbol, view);
    default:
      return '';
  }
}

/** The entries of a backbone's card. */
const cardText = (symbol: Symbol<BackboneDecl>): string => bullets([...cardOf(symbol)].map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`));

function identityText(kind: 'space' | 'tokenizer', symbol: Symbol, { compilation, host }: View): string {
  const id = identityOf(symbol);
  const files = compilation.identities.filter((use) => use.kind === kind && use.id === id).flatMap((use) => [...use.files, ...use.derived.flatMap((network) => network.files)]);
  return files.length === 0 ? '' : `The version stands for ${[...new Set(files)].map((uri) => `\`${host.display(uri)}\``).join(', ')}.`;
}

/** The type that a contract without parameters comes to. */
function expansion(symbol: Symbol): string {
  const { declaration } = symbol;
  if (declaration.kind !== 'ContractDecl' || declaration.body.kind !== 'TypeExpr') return '';
  if (declaration.body.base.kind !== 'ContractRef') return '';
  const type = evaluated(declaration.body, symbol);
  return type.kind === 'unknown' ? '' : `It comes to:\n\n${fence(showFull(type))}`;
}

const evaluated = (type: TypeExpr, owner: Symbol): Type => evaluateType(type, rootScope(owner.module, owner.name, () => {}));

/** A type with its facts, as one would write it. */
function showFull(type: Exclude<Type, { kind: 'unknown' }>): string {
  const full = (tensor: TensorType): string =>
    `${showTensor(tensor)}${tensor.facts.length > 0 ? ` where ${tensor.facts.map(showStatement).join(', ')}` : ''}`;
  if (type.kind === 'tensor') return full(type);
  return `{\n${[...type.fields].map(([name, tensor]) => `  ${name}: ${full(tensor)}\n`).join('')}}`;
}

/** How the promises of a part are known to hold. */
function resultText(symbol: Symbol, view: View): string {
  const result = signatureOf(symbol, view)?.result;
  return result?.kind === 'tensor' ? `Its result:\n\n${bullets(knownOf(result, view))}` : '';
}

const signatureOf = (symbol: Symbol, { compilation }: View) =>
  isKind(symbol, 'PartDecl', 'BackboneDecl') ? compilation.signatures.get(symbol) : undefined;

function outputsText({ declaration }: Symbol, { compilation }: View): string {
  if (declaration.kind !== 'ModelDecl') return '';
  const lines = declaration.members.flatMap((member) => {
    if (member.kind !== 'ModelOutput') return [];
    const value = compilation.values.get(member.name);
    return value?.kind === 'tensor' ? [`\`${member.name.text}\`: \`${showTensor(value.type)}\``] : [];
  });
  return lines.length === 0 ? '' : `Outputs:\n\n${bullets(lines)}`;
}

// ---------------------------------------------------------------- members

export function memberText(member: Member, view: View): string {
  const { node, owner } = member;
  const head = memberHead(node, owner.module.source);
  const doc = 'doc' in node ? node.doc : undefined;
  if (node.kind === 'Param' && node.type.kind === 'KindType') return paragraphs(fence(head), kindWords[node.type.name]);
  if (node.kind === 'RecordField' && owner.declaration.kind === 'ContractDecl' && owner.declaration.params.length > 0) {
    // What its facts say depends on the contract's arguments.
    return paragraphs(fence(head), doc);
  }
  const observed = view.compilation.values.get(node.name);
  return paragraphs(observed === undefined ? typed(memberName(node), typeOf(member, view), view) : valued(memberName(node), observed, view), doc);
}

function typeOf({ node, owner }: Member, view: View): Type {
  const signature = signatureOf(owner, view);
  const tensor = signature?.tensors.find((t) => t.name === node.name.text);
  if ((node.kind === 'Param' || node.kind === 'BackboneInput') && tensor !== undefined) return tensor.type;
  if ((node.kind === 'BackboneOutput' || node.kind === 'TapMember') && signature?.result.kind === 'record') return signature.result.fields.get(node.name.text) ?? unknownType;
  const type = declaredType(node);
  return type === undefined ? unknownType : evaluated(type, owner);
}
