/** What `mdl upgrade` is asked, and how it ends where the sources that it would write have errors. */
import type { ProjectCheck } from '../project/project.ts';

export interface UpgradeCall {
  readonly uri: string;
  readonly old: string;
  readonly next: string;
  readonly data: string | undefined;
  readonly test: string | undefined;
  /** The column that says what is right, of all outputs that it suits. */
  readonly label: string | undefined;
  /** The same of single outputs, by their names. */
  readonly labels: ReadonlyMap<string, string>;
  readonly columns: ReadonlyMap<string, string>;
  readonly margin: number;
  /** Of a new encoder that is a bare file. */
  readonly tokenizer: string | undefined;
  /** Whether indexes are made anew. */
  readonly reindex: boolean;
  /** Whether a page of it is wanted, too. */
  readonly reports: boolean;
}

/** The patched sources have errors: nothing can be run. */
export class StagedFault extends Error {
  readonly check: ProjectCheck;

  constructor(check: ProjectCheck) {
    super('the patched sources do not check');
    this.name = 'StagedFault';
    this.check = check;
  }
}
