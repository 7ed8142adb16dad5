import { locate, type Diagnostic, type Finding, type Place, type Severity } from './diagnostic.ts';
import type { Location } from '../text/source.ts';

/** One row of the table of codes: how bad it is, what it is called, and its sentence. */
export interface CodeDefinition<A> {
  readonly severity: Severity;
  /** Some words for lists and for the head of the code's page. */
  readonly title: string;
  /** One sentence that names the things involved, in the user's words. */
  readonly message: (args: A) => string;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the table's rows differ in their arguments
export type CodeTable = Record<string, CodeDefinition<any>>;
type ArgsOf<D> = D extends CodeDefinition<infer A> ? A : never;

export interface Reporter<T extends CodeTable> {
  readonly table: T;
  /** A finding of this table, not yet located. */
  readonly finding: <C extends keyof T & string>(code: C, args: ArgsOf<T[C]>, notes?: readonly string[]) => Finding;
  /** A diagnostic of this table at its place. */
  readonly report: <C extends keyof T & string>(code: C, args: ArgsOf<T[C]>, location: Location, place?: Place) => Diagnostic;
}

/** Makes the typed reporter of one area's table; arguments are checked against the row's message. */
export function defineCodes<T extends CodeTable>(table: T): Reporter<T> {
  const finding: Reporter<T>['finding'] = (code, args, notes = []) => {
    const row = table[code]!;
    return { code, severity: row.severity, message: row.message(args), notes };
  };
  return { table, finding, report: (code, args, location, place) => locate(finding(code, args), location, place) };
}
