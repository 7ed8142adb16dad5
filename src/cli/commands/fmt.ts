/** `mdl fmt`: sources in the one form that they have. */
import { fileURLToPath } from 'node:url';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { locate, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { hasErrors, plural } from '../../diagnostics/index.ts';
import { formatText } from '../../format/index.ts';
import { decodeText } from '../../host/decode.ts';
import type { Host } from '../../host/host.ts';
import { createNodeHost } from '../../host/node.ts';
import { reasonOf } from '../../host/system-error.ts';
import { writeText } from '../../host/write-text.ts';
import { parse } from '../../syntax/index.ts';
import { createSource, emptySpan, type SourceText } from '../../text/source.ts';
import { flag, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson, type Io } from '../io.ts';
import { diagnosticsToJson, printDiagnostics } from '../show/print-diagnostics.ts';
import { findSources } from '../project/sources.ts';
import { readAll } from '../project/stdin.ts';
import { Stop } from '../stop.ts';

export const command = (call: Call): Promise<number> => (flag(call, 'stdin') ? formatStdin(call.io) : formatFiles(call));

/** A text as it should be; undefined, with the errors, where it has no form. */
async function format(source: SourceText, errors: Diagnostic[]): Promise<string | undefined> {
  const formatted = await formatText(source.text, { endOfLine: 'auto' });
  if (formatted.ok) return formatted.value;
  errors.push(...parse(source).diagnostics.filter((d) => d.severity === 'error'));
  return undefined;
}

async function formatStdin(io: Io): Promise<number> {
  const host = { ...createNodeHost({ cwd: io.cwd }), display: () => 'standard input' };
  const text = decodeText(await readAll(io.stdin), 'standard input');
  if (!text.ok) throw new Stop(text.finding);
  const source = createSource('stdin:', text.value);
  const diagnostics: Diagnostic[] = [];
  const formatted = await format(source, diagnostics);
  if (formatted !== undefined) io.stdout.write(formatted);
  printDiagnostics({ host, sources: new Map([[source.uri, source]]), diagnostics }, io, io.stderr);
  return formatted === undefined ? exit.fault : exit.fine;
}

async function formatFiles(call: Call): Promise<number> {
  const { io } = call;
  const host = createNodeHost({ cwd: io.cwd });
  const onlyCheck = flag(call, 'check');
  const sources = new Map<string, SourceText>();
  const diagnostics: Diagnostic[] = [];
  const others: string[] = [];
  const files = findSources(call.args, io.cwd);
  for (const uri of files) {
    const text = host.readText(uri);
    if (!text.ok) {
      diagnostics.push(locate(text.finding, { uri, span: emptySpan }));
      continue;
    }
    const source = createSource(uri, text.value);
    sources.set(uri, source);
    const formatted = await format(source, diagnostics);
    if (formatted === undefined || formatted === text.value) continue;
    others.push(uri);
    if (!onlyCheck) diagnostics.push(...replace(uri, formatted, host));
  }
  const ok = !hasErrors(diagnostics) && (!onlyCheck || others.length === 0);
  const names = others.map((uri) => host.display(uri));
  const wrong = new Set(diagnostics.filter((d) => d.severity === 'error').map((d) => d.location.uri));
  if (flag(call, 'json')) {
    printJson(io, { ok, files: files.length, changed: names, diagnostics: diagnosticsToJson({ host, sources, diagnostics }) });
  } else {
    printDiagnostics({ host, sources, diagnostics }, io, io.stderr);
    for (const name of names) io.stdout.write(`${name}\n`);
    io.stderr.write(`${conclusion(files.length, others.length, wrong.size, onlyCheck)}\n`);
  }
  return ok ? exit.fine : exit.fault;
}

function replace(uri: string, text: string, host: Host): Diagnostic[] {
  try {
    writeText(fileURLToPath(uri), text);
    return [];
  } catch (error) {
    const args = { path: host.display(uri), reason: reasonOf(error) };
    return [fileCodes.report('write-failed', args, { uri, span: emptySpan })];
  }
}

function conclusion(files: number, others: number, wrong: number, onlyCheck: boolean): string {
  if (wrong > 0) return `${wrong} of ${plural(files, 'file')} cannot be formatted${others === 0 ? '' : `, ${others} ${onlyCheck ? 'to be formatted' : 'formatted'}`}`;
  if (others === 0) return `${plural(files, 'file')}, nothing to format`;
  return onlyCheck
    ? `${others} of ${plural(files, 'file')} to be formatted: run mdl fmt`
    : `${others} of ${plural(files, 'file')} formatted`;
}
