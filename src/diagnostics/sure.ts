import type { Diagnostic, Fix } from './diagnostic.ts';

/** What has one fix under these codes was written otherwise than it was meant, and means the same with it. */
const sureCodes: ReadonlySet<string> = new Set([
  // Signs and words of another language, or mistyped.
  'other-notation', 'wrong-equals', 'unexpected-character', 'unknown-escape', 'leading-zero', 'invalid-comparison', 'unknown-mode', 'unknown-unit', 'misspelled-word', 'reserved-word',
  'facts-in-parentheses', 'misplaced-clause', 'misplaced-import', 'stray-doc-comment',
  // Names that are near to one other, or known elsewhere.
  'unknown-name', 'unknown-value', 'unknown-export', 'unknown-dtype', 'unknown-fact', 'unknown-field', 'unknown-argument', 'not-callable', 'too-many-arguments',
  // What nothing reads and no other module sees.
  'unused-import',
]);

/** The fix that may be applied without asking: the only one, of a code of which it says what was meant; undefined where somebody has to choose. */
export function sureFix({ code, fixes }: Diagnostic): Fix | undefined {
  const [fix, another] = fixes;
  return another === undefined && fix?.doubtful !== true && sureCodes.has(code) ? fix : undefined;
}
