import type { Location } from '../text/source.ts';

export type Severity = 'error' | 'warning' | 'info';

/** One replacement in one file; an insertion has an empty span. */
export interface Edit {
  readonly location: Location;
  readonly text: string;
}

/** A change that the editor can apply, and that the terminal prints as text to type. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Whether it makes the error go without mending what is wrong: no editor may apply it by itself. */
  readonly doubtful?: true;
}

/** A place that takes part in the error, with what is to be seen there. */
export interface Label {
  readonly location: Location;
  readonly text: string;
}

/** What was found, before anybody knows where in the source it is to be shown. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Whole sentences below the source excerpt: why, the bindings involved, what to do. */
  readonly notes: readonly string[];
}

/** A finding at its place. `label` is the text under the primary span. */
export interface Diagnostic extends Finding {
  readonly location: Location;
  readonly label: string;
  readonly related: readonly Label[];
  readonly fixes: readonly Fix[];
}

/** A value or the reason why there is none: how readers of foreign bytes answer. They never throw. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly finding: Finding };

/** A value as far as it could be made, and all that was found on the way: how stages answer. */
export interface Result<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Place {
  readonly label?: string;
  readonly related?: readonly Label[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly Fix[];
}

/** Puts a finding at its place in the source. */
export function locate(finding: Finding, location: Location, place: Place = {}): Diagnostic {
  return {
    ...finding,
    notes: [...finding.notes, ...(place.notes ?? [])],
    location,
    label: place.label ?? '',
    related: place.related ?? [],
    fixes: place.fixes ?? [],
  };
}

export const succeed = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const fail = (finding: Finding): { readonly ok: false; readonly finding: Finding } => ({ ok: false, finding });
