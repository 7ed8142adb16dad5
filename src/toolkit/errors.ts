/** How carrying out a tool ends where it cannot go on: with a diagnostic at the place in the source that asked for it. */
import { locate, type Diagnostic, type Finding, type Outcome, type Place } from '../diagnostics/diagnostic.ts';
import type { Location } from '../text/source.ts';

export class ToolError extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.name = 'ToolError';
    this.diagnostic = diagnostic;
  }
}

/** What to do about data that nothing can be learned from, where the finding knows no better. */
const remedies: Readonly<Record<string, string>> = {
  'features-not-finite': 'Leave that row out, or mend it. Where the data are sound, the part before it makes such numbers of them: look for a division by 0, a logarithm of 0, or values beyond what f16 holds.',
  'fit-too-few-rows': 'Add rows to the data. Rows that stand there twice are one example, and do not count again.',
};

export function refuse(finding: Finding, location: Location, place: Place = {}): never {
  const remedy = remedies[finding.code];
  throw new ToolError(locate(remedy === undefined ? finding : { ...finding, notes: [...finding.notes, remedy] }, location, place));
}

/** The value of an outcome; a finding ends the tool. */
export const valueOf = <T>(outcome: Outcome<T>, location: Location): T => (outcome.ok ? outcome.value : refuse(outcome.finding, location));

/** How a tool ends that was interrupted and can go on where it stopped. */
export class Interrupted extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Interrupted';
  }
}
