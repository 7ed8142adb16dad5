/** What an editor asks, as plain functions over a compilation and positions. No connection, no state. */
export type * from './answers.ts';
export { codeActions } from './code-actions.ts';
export { diagnostics } from './diagnostics.ts';
export { formatting } from './formatting.ts';
export { hover } from './hover/index.ts';
export type { View } from './view.ts';
