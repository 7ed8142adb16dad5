import type { Finding } from '../diagnostics/diagnostic.ts';
import { exit } from './exit.ts';

/** Ends a command with a finding; the exit code says whose fault it is. Caught by `run`. */
export class Stop extends Error {
  readonly finding: Finding;
  readonly code: number;

  constructor(finding: Finding, code: number = exit.fault) {
    super(finding.message);
    this.name = 'Stop';
    this.finding = finding;
    this.code = code;
  }
}

/** Ends a command whose call is wrong. */
export function refuse(finding: Finding): never {
  throw new Stop(finding, exit.usage);
}
