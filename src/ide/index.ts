/** What an editor asks, as plain functions over a compilation and positions. No connection, no state. */
export type * from './answers.ts';
export { codeActions, fixAllAction } from './code-actions.ts';
export { fixAll, type AllFixed, type Applied } from './fix-all.ts';
export { completion } from './completion/index.ts';
export { definition } from './definition.ts';
export { diagnostics } from './diagnostics.ts';
export { documentSymbols } from './document-symbols.ts';
export { formatting } from './formatting.ts';
export { hover } from './hover/index.ts';
export { inlayHints } from './inlay-hints.ts';
export { highlights, references } from './references.ts';
export { prepareRename, rename } from './rename.ts';
export { semanticTokens, tokenModifiers, tokenTypes, type SemanticToken } from './semantic-tokens.ts';
export { signatureHelp } from './signature-help.ts';
export type { View } from './view.ts';
