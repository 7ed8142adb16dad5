/** What `mdl doctor` says of a part of the installation. */
export type State = 'fine' | 'missing' | 'broken';

/** Missing parts are optional, broken ones are not. */
export interface Examined {
  readonly part: string;
  readonly state: State;
  readonly found: string;
  /** What to do about it. */
  readonly steps: readonly string[];
}

export const fine = (part: string, found: string): Examined => ({ part, state: 'fine', found, steps: [] });
export const missing = (part: string, found: string, ...steps: string[]): Examined => ({ part, state: 'missing', found, steps });
export const broken = (part: string, found: string, ...steps: string[]): Examined => ({ part, state: 'broken', found, steps });
