/** What is written at a place, for messages. */
import { at, type Location, type Span } from '../text/source.ts';
import type { Env } from './env.ts';

/** The source text of an expression of the body, shortened. */
export const text = ({ span }: { readonly span: Span }, env: Env): string => shortText(at(env.scope.module, span), env);

/** The source text at a place of any module, shortened. */
export function shortText({ uri, span }: Location, { checker }: Env): string {
  const written = (checker.modules.scopes.get(uri)?.source.text ?? '').slice(span.start, span.end).replace(/\s+/g, ' ');
  return written.length > 40 ? `${written.slice(0, 37)}...` : written;
}
