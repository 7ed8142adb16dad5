/** `mdl explain`: the page of a diagnostic's code. */
import { readdirSync, readFileSync } from 'node:fs';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { suggest } from '../../text/suggest.ts';
import { flag, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson } from '../io.ts';
import { packageFolder } from '../package-folder.ts';
import { refuse } from '../stop.ts';

const pages = new URL('docs/diagnostics/', packageFolder);

export async function command(call: Call): Promise<number> {
  const { args: [asked], io } = call;
  const json = flag(call, 'json');
  const codes = readdirSync(pages)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => file.slice(0, -'.md'.length))
    .sort();
  if (asked === undefined) {
    const width = Math.max(...codes.map((code) => code.length));
    if (json) printJson(io, codes.map((code) => ({ code, title: titleOf(code) })));
    else for (const code of codes) io.stdout.write(`${code.padEnd(width)}  ${titleOf(code)}\n`);
    return exit.fine;
  }
  // As it stands in the output, brackets and all, is fine, too.
  const code = asked.replace(/^(?:error|warning|info)?\[(.*)\]$/, '$1');
  if (!codes.includes(code)) refuse(unknown(code, codes));
  if (json) printJson(io, { code, title: titleOf(code), page: readPage(code) });
  else io.stdout.write(readPage(code));
  return exit.fine;
}

const readPage = (code: string): string => readFileSync(new URL(`${code}.md`, pages), 'utf8');

/** `title` of `# code: title` */
const titleOf = (code: string): string => /^# [^:]*: (.*)/.exec(readPage(code))?.[1] ?? '';

function unknown(code: string, codes: readonly string[]) {
  const near = suggest(code, codes);
  const all = 'All of them: mdl explain';
  return cliCodes.finding('cli-unknown-code', { code }, near === undefined ? [all] : [`Did you mean ${near}?`, all]);
}
