import { describe } from '../../data/json.ts';
import { arrayKind } from './elements.ts';

/** What an app's value is, for "found …" in messages. */
export function describeInput(value: unknown): string {
  const array = arrayKind(value);
  if (array !== undefined) return `a ${array}`;
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : describe(value);
}
