import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { parse } from '../syntax/index.ts';
import { createSource } from '../text/source.ts';
import * as plugin from './plugin.ts';

export { defaultOptions, languages, parsers, printers } from './plugin.ts';

export interface FormatOptions {
  /** Columns; 100 if not given. */
  readonly printWidth?: number;
  /** Columns of one level of indentation; 2 if not given. */
  readonly tabWidth?: number;
  readonly useTabs?: boolean;
  /** "lf" if not given; "auto" keeps what the text has. */
  readonly endOfLine?: 'lf' | 'crlf' | 'cr' | 'auto';
}

/**
 * Formats a module. A text with syntax errors is left alone: the finding is the first of them. Prettier is loaded
 * at the first call.
 */
export async function formatText(text: string, options: FormatOptions = {}): Promise<Outcome<string>> {
  const error = parse(createSource('', text)).diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (error !== undefined) return fail({ code: error.code, severity: error.severity, message: error.message, notes: error.notes });
  const { format } = await import('prettier/standalone');
  return succeed(await format(text, { ...plugin.defaultOptions, ...options, parser: 'mdl', plugins: [plugin] }));
}
