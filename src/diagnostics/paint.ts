import { createColors } from 'picocolors';
import type { Severity } from './diagnostic.ts';

/** How the parts of a rendering are coloured. */
export interface Paint {
  /** The severity and its code, and the primary mark. */
  readonly primary: (text: string) => string;
  readonly related: (text: string) => string;
  readonly message: (text: string) => string;
  /** Line numbers, bars and arrows. */
  readonly gutter: (text: string) => string;
  readonly help: (text: string) => string;
}

export function paintOf(severity: Severity, color: boolean): Paint {
  const colors = createColors(color);
  const bySeverity = { error: colors.red, warning: colors.yellow, info: colors.cyan };
  return {
    primary: (text) => colors.bold(bySeverity[severity](text)),
    related: (text) => colors.bold(colors.blue(text)),
    message: colors.bold,
    gutter: colors.blue,
    help: (text) => colors.bold(colors.green(text)),
  };
}

/** Whether colour is welcome: NO_COLOR and FORCE_COLOR decide, else whether the stream is a terminal. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}
