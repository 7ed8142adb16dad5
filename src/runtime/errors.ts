import type { Finding } from '../diagnostics/diagnostic.ts';

/** What `load` and a model's methods throw: a finding of the runtime's tables of codes, as an error for apps. */
export class MdlRuntimeError extends Error {
  /** Stable and documented: `input-shape`. */
  readonly code: string;
  /** Whole sentences: why, and what to do. */
  readonly notes: readonly string[];
  readonly #finding: Finding;

  constructor(finding: Finding, options?: ErrorOptions) {
    super([finding.message, ...finding.notes].join('\n'), options);
    this.code = finding.code;
    this.notes = finding.notes;
    this.#finding = finding;
  }

  /** What it was made of. @internal */
  get finding(): Finding {
    return this.#finding;
  }

  /** What Node prints of an error that nobody caught: code, message and where, without the members and the cause. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const frames = (this.stack ?? '').split('\n').filter((line) => /^\s+at (?!.*\bnode:)/.test(line));
    return [`${this.name} [${this.code}]: ${this.message}`, ...frames].join('\n');
  }

  // Minifiers rename classes.
  static {
    Object.defineProperty(this, 'name', { value: 'MdlRuntimeError' });
    Object.defineProperty(this.prototype, 'name', { value: 'MdlRuntimeError', configurable: true, writable: true });
  }
}

/** Ends a call of the app's with a finding. */
export function raise(finding: Finding, cause?: unknown): never {
  throw new MdlRuntimeError(finding, cause === undefined ? undefined : { cause });
}
