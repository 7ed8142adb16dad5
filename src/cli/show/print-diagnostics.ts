/** How commands say what they found. */
import type { Diagnostic, Finding } from '../../diagnostics/diagnostic.ts';
import {
  diagnosticToJson,
  locate,
  renderDiagnostic,
  renderDiagnostics,
  summarize,
  type JsonDiagnostic,
} from '../../diagnostics/index.ts';
import type { Host } from '../../host/host.ts';
import { emptySpan, type SourceText } from '../../text/source.ts';
import { styleOf, type Io, type Output } from '../io.ts';

/** What rendering needs to know of a check. */
export interface Reported {
  readonly host: Host;
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Prints the diagnostics and their summary; nothing where there are none. */
export function printDiagnostics({ host, sources, diagnostics }: Reported, io: Io, output: Output): void {
  if (diagnostics.length === 0) return;
  const options = { sources, display: host.display, ...styleOf(output, io.env) };
  output.write(`${renderDiagnostics(diagnostics, options)}\n${summarize(diagnostics)}\n`);
}

export const diagnosticsToJson = ({ host, sources, diagnostics }: Reported): JsonDiagnostic[] =>
  diagnostics.map((diagnostic) => diagnosticToJson(diagnostic, { sources, display: host.display }));

/** A finding that has no place in a source: its message and notes. */
export function renderFinding(finding: Finding, style: { readonly color: boolean; readonly width: number }): string {
  const nowhere = locate(finding, { uri: '', span: emptySpan });
  const [head, , ...notes] = renderDiagnostic(nowhere, { sources: new Map(), display: () => '', ...style }).split('\n');
  return [head, ...notes].join('\n');
}
