/** What features answer: the editor protocol's shapes, with words where the protocol has numbers. */
import type { Position } from '../text/source.ts';

/** Half open. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

/** Edits by the URI of the file that they change. */
export interface WorkspaceEdit {
  readonly changes: Readonly<Record<string, readonly TextEdit[]>>;
}

export interface Place {
  readonly uri: string;
  readonly range: Range;
}

export interface EditorDiagnostic {
  readonly range: Range;
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  /** The sentence, and the notes as paragraphs of their own. */
  readonly message: string;
  readonly related: readonly (Place & { readonly message: string })[];
  /** What it is about does nothing: editors show it faded. */
  readonly unnecessary: boolean;
}

export interface Hover {
  readonly range: Range;
  readonly markdown: string;
}

export interface ParameterHelp {
  /** `mask: Mask` */
  readonly label: string;
  readonly markdown: string;
}

export interface SignatureHelp {
  /** `mean_pool(x: float[batch, seq, d], mask: Mask) -> float[batch, d]`, which holds the labels of the parameters in their order. */
  readonly label: string;
  readonly markdown: string;
  readonly parameters: readonly ParameterHelp[];
  /** The index of the parameter that the cursor is at; undefined where it is at none. */
  readonly active: number | undefined;
}

export interface CodeAction {
  readonly title: string;
  readonly edit: WorkspaceEdit;
  /** The diagnostic that it mends. */
  readonly diagnostic: EditorDiagnostic;
  /** Whether it is the diagnostic's first fix. */
  readonly preferred: boolean;
}

/** All fixes of a module that need no choice, as one edit. */
export interface FixAllAction {
  readonly title: string;
  readonly edit: WorkspaceEdit;
}

/** A thing of a module, for outlines; the name's range lies in the whole one's. */
export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: SymbolKind;
  readonly range: Range;
  readonly nameRange: Range;
  readonly children: readonly DocumentSymbol[];
}
export type SymbolKind = 'constant' | 'enum' | 'interface' | 'class' | 'function' | 'module' | 'variable' | 'field' | 'property';

export interface InlayHint {
  readonly position: Position;
  /** `: f32[batch, 512]` */
  readonly label: string;
  readonly markdown: string;
}

export type CompletionKind = 'keyword' | 'module' | 'constant' | 'enum' | 'interface' | 'class' | 'function' | 'variable' | 'field' | 'operator' | 'type' | 'value';

export interface CompletionItem {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail: string;
  readonly markdown: string;
  /** What is replaced by the text. */
  readonly edit: TextEdit;
  /** Edits elsewhere: an import. */
  readonly more: readonly TextEdit[];
}

/** Why something cannot be done, or the answer. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
