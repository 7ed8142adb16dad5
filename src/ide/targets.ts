/** What a word of a module can stand for. */
import type { Symbol } from '../names/modules.ts';
import type {
  BackboneInput, BackboneOutput, Let, ModelInput, ModelOutput, Name, Param, ParamStatement, RecordField, StateMember, TapMember, TypeExpr,
} from '../syntax/ast.ts';
import type { Location, Span } from '../text/source.ts';
import type { Operator } from '../ops/operator.ts';

/** Something with a name inside of a declaration. */
export type MemberNode = Param | Let | ParamStatement | ModelInput | ModelOutput | StateMember | BackboneInput | BackboneOutput | TapMember | RecordField;

export interface Member {
  readonly kind: 'member';
  readonly node: MemberNode;
  readonly owner: Symbol;
}

export type Target =
  | { readonly kind: 'declaration'; readonly symbol: Symbol }
  | Member
  /** A size that nobody declares: its first place in the declaration stands for it. */
  | { readonly kind: 'size'; readonly name: Name; readonly owner: Symbol }
  /** The path of an import. */
  | { readonly kind: 'module'; readonly uri: string }
  /** The path of a foreign file. */
  | { readonly kind: 'file'; readonly uri: string; readonly role: 'backbone' | 'tokenizer' | 'weights' }
  /** A tensor of a backbone's file. */
  | { readonly kind: 'file-tensor'; readonly uri: string; readonly name: string }
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'attribute'; readonly operator: Operator; readonly name: string }
  /** A word of the language: a fact, an element type, the kind of a parameter. */
  | { readonly kind: 'word'; readonly of: 'fact' | 'dtype' | 'kind'; readonly word: string };

/** A target at one place of a module's text. */
export interface Occurrence {
  readonly span: Span;
  readonly target: Target;
  /** Whether this is where the name is declared. */
  readonly declares: boolean;
}

/** Where a target is declared; undefined for what the language itself declares. */
export function homeOf(target: Target): Location | undefined {
  switch (target.kind) {
    case 'declaration':
      return { uri: target.symbol.module.uri, span: target.symbol.declaration.name.span };
    case 'member':
      return { uri: target.owner.module.uri, span: target.node.name.span };
    case 'size':
      return { uri: target.owner.module.uri, span: target.name.span };
    case 'module':
    case 'file':
    case 'file-tensor':
      return { uri: target.uri, span: { start: 0, end: 0 } };
    default:
      return undefined;
  }
}

/** The same for two targets exactly when they are the same thing, across compilations. */
export function keyOf(target: Target): string {
  const home = homeOf(target);
  const place = home === undefined ? '' : `${home.uri} ${home.span.start}`;
  switch (target.kind) {
    case 'file-tensor':
      return `${target.kind} ${place} ${target.name}`;
    case 'operator':
      return `operator ${target.operator.name}`;
    case 'attribute':
      return `attribute ${target.operator.name} ${target.name}`;
    case 'word':
      return `${target.of} ${target.word}`;
    default:
      return `${target.kind} ${place}`;
  }
}

/** A member's declared type; undefined for values and compile-time parameters. */
export function declaredType(node: MemberNode): TypeExpr | undefined {
  if (node.kind === 'Let' || node.type === undefined) return undefined;
  return node.type.kind === 'KindType' ? undefined : node.type;
}
