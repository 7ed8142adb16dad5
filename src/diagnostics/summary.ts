import type { Diagnostic, Severity } from './diagnostic.ts';

/** How many diagnostics there are of each severity. */
export function countSeverities(diagnostics: readonly Diagnostic[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of diagnostics) counts[severity]++;
  return counts;
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean => diagnostics.some((d) => d.severity === 'error');

/** `3 files`, `1 file` */
export const plural = (count: number, noun: string): string => `${withCommas(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `1,024` of a whole number. Intl would take longer to load than a small source to be checked. */
export const withCommas = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `2 errors, 1 warning in 3 files`; "" where there is nothing to sum up. */
export function summarize(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return '';
  const counts = countSeverities(diagnostics);
  const parts = [
    ...(counts.error > 0 ? [plural(counts.error, 'error')] : []),
    ...(counts.warning > 0 ? [plural(counts.warning, 'warning')] : []),
    ...(counts.info > 0 ? [plural(counts.info, 'hint')] : []),
  ];
  const files = new Set(diagnostics.map((d) => d.location.uri)).size;
  return `${parts.join(', ')} in ${plural(files, 'file')}`;
}
