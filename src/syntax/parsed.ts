/** What reading a text comes to. Apart from the parser, for those that are handed one. */
import type { Result } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import type { Module } from './ast.ts';
import type { SourceComment } from './comment.ts';

export interface Parsed extends Result<Module> {
  /** All `//` and `///` lines, in the order of the text. */
  readonly comments: readonly SourceComment[];
}

/** Reads a module. Total: any text gives a tree and all syntax errors that were found in it. */
export type Parse = (source: SourceText) => Result<Module>;
