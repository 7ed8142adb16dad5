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

export function refuse(finding: Finding, location: Location, place: Place = {}): never {
  throw new ToolError(locate(finding, location, place));
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
