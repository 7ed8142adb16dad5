import type { Span } from '../text/source.ts';

/** A `//` or `///` line, without its line end. */
export interface SourceComment {
  readonly text: string;
  readonly span: Span;
}
