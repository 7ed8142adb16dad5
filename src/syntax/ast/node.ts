/** What all nodes have in common, names and literals. */
import type { Span } from '../../text/source.ts';

export interface NodeBase<K extends string> {
  readonly kind: K;
  readonly span: Span;
}

/** `text` is "" where the parser made the name up. */
export interface Name extends NodeBase<'Name'> {
  readonly text: string;
}
/** `value` is unescaped. */
export interface StringLit extends NodeBase<'StringLit'> {
  readonly value: string;
}
export interface NumberLit extends NodeBase<'NumberLit'> {
  readonly value: number;
  /** As written: `1e-3`. */
  readonly text: string;
}
/** `20ms`, `5%`, `2MB` */
export interface QuantityLit extends NodeBase<'QuantityLit'> {
  readonly value: number;
  readonly unit: string;
  /** As written: `1e3ms`. */
  readonly text: string;
}
export interface BoolLit extends NodeBase<'BoolLit'> {
  readonly value: boolean;
}
/** `1.0.0`, always whole. */
export interface Version extends NodeBase<'Version'> {
  readonly text: string;
}
/** `^2`, `^2.1`, `2.0.0`, `2`, as npm reads them. */
export interface VersionRange extends NodeBase<'VersionRange'> {
  readonly text: string;
}

export interface DeclarationBase<K extends string> extends NodeBase<K> {
  /** The text of the `///` lines above it, without the slashes. */
  readonly doc?: string;
  readonly name: Name;
}
