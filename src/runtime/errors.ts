import type { Finding } from '../diagnostics/diagnostic.ts';

/** What `load` and a model's methods throw: a finding of the runtime's tables of codes, as an error for apps. */
export class MdlRuntimeError extends Error {
  /** Stable and documented: `input-shape`. */
  readonly code: string;
  /** Whole sentences: why, and what to do. */
  readonly notes: readonly string[];

  constructor(finding: Finding, options?: ErrorOptions) {
    super([finding.message, ...finding.notes].join('\n'), options);
    this.name = 'MdlRuntimeError';
    this.code = finding.code;
    this.notes = finding.notes;
  }
}

/** Ends a call of the app's with a finding. */
export function raise(finding: Finding, cause?: unknown): never {
  throw new MdlRuntimeError(finding, cause === undefined ? undefined : { cause });
}
