/** Files that hold what the terminal shows. `UPDATE_GOLDEN=1` writes them anew, to be read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { renderDiagnostic } from '../../src/diagnostics/index.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { SourceText } from '../../src/text/source.ts';

export function expectGolden(shown: string, golden: URL): void {
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, shown);
  expect(shown).toBe(readFileSync(golden, 'utf8'));
}

/** A diagnostic as the terminal shows it, with short names for the files of a world in memory. */
export const shownOf = (diagnostic: Diagnostic, sources: ReadonlyMap<string, SourceText>): string =>
  `${renderDiagnostic(diagnostic, { sources, display: (uri) => uri.replace(/^(?:memory|std):\/\/\//, '') })}\n`;
