/** What a command may use of its process: injected, so that a test is a call. */
import { wantsColor } from '../diagnostics/paint.ts';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Standard input, as it comes. */
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Ends commands that would go on for ever. */
  readonly signal?: AbortSignal | undefined;
}

/** How the streams of a call want their text. */
export const styleOf = (output: Output, env: Io['env']): { readonly color: boolean; readonly width: number } => ({
  color: wantsColor(env, output.isTTY === true),
  width: output.columns ?? 100,
});

/** One JSON document. */
export const printJson = (io: Io, value: unknown): void => void io.stdout.write(`${showJson(value)}\n`);

/** Indented JSON whose lists of bare values stand on one line each, as vectors do. */
function showJson(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const inner = `${indent}  `;
  const members = isList
    ? value.map((item: unknown) => showJson(item, inner))
    : Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [`${JSON.stringify(key)}: ${showJson(item, inner)}`]));
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) return open + close;
  if (isList && value.every((item) => typeof item !== 'object' || item === null)) return `[${members.join(', ')}]`;
  return `${open}\n${members.map((member) => inner + member).join(',\n')}\n${indent}${close}`;
}
