/** `mdl report`: what `verify` and `probe` find out, and how it went from run to run, as one page. */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import type { Diagnostic, Finding } from '../../diagnostics/diagnostic.ts';
import { hasErrors, plural } from '../../diagnostics/summary.ts';
import type { Host } from '../../host/host.ts';
import { makeFolders } from '../../host/make-folders.ts';
import { reasonOf } from '../../host/system-error.ts';
import { writeText } from '../../host/write-text.ts';
import { pathFromLock } from '../../packages/lock-place.ts';
import { composeHistory, composeReport, renderHtml, renderMarkdown, type ReportDocument } from '../../report/index.ts';
import { ToolError } from '../../toolkit/errors.ts';
import { readHistory, type History } from '../../toolkit/history.ts';
import { keptStudy } from '../../toolkit/study/keep.ts';
import type { Study } from '../../toolkit/study/study.ts';
import { flag, text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson } from '../io.ts';
import { carriedProbe } from './probe.ts';
import { checkProject, createProject, type Project, type ProjectCheck, type ProjectTool } from '../project/project.ts';
import { historyUriOf } from '../project/remember.ts';
import { sourceUri } from '../project/sources.ts';
import { diagnosticsToJson } from '../show/print-diagnostics.ts';
import { refuse, Stop } from '../stop.ts';
import { carryOne, chosen, endedBy, keyOf, nameOf, report, type Kind, type ToolOf } from '../project/tools.ts';
import { carriedVerify } from './verify.ts';
import { packageVersion } from '../version.ts';

export const command = async (call: Call): Promise<number> => (flag(call, 'history') ? reportHistory(call) : reportFile(call));

const kinds = ['verify', 'probe'] as const satisfies readonly Kind[];

interface Told {
  readonly study: Study;
  /** Whether it was computed now, and not taken from what was kept. */
  readonly isNew: boolean;
}

async function reportFile(call: Call): Promise<number> {
  const [given, ...names] = call.args;
  if (given === undefined) {
    // One option may not be given both ways; which came last is what is known of it.
    const sentence = call.options['history'] === false ? 'report with --no-history needs a file: it keeps the runs of a report out of the history, which --history shows' : 'report needs a file, or --history';
    return refuse(cliCodes.finding('cli-bad-call', { sentence }, ['mdl report upgrade.mdl', 'mdl report --history']));
  }
  const uri = sourceUri(given, call.io.cwd);
  const project = createProject(call.io);
  const check = await checkProject(project, [uri], 'update');
  if (!flag(call, 'json') || hasErrors(check.diagnostics)) report(check, call);
  if (hasErrors(check.diagnostics)) return exit.fault;
  const wanted = chosen(check, kinds, uri, given, names);
  const found = check.tools.filter(({ tool }) => kinds.some((kind) => tool.kind === kind) && tool.uri === uri && wanted.includes(nameOf(tool as ToolOf<Kind>)));
  const told: Told[] = [];
  const refused: { readonly name: string; readonly diagnostic: Diagnostic }[] = [];
  for (const tool of found) {
    try {
      told.push(await studyOf(tool, project, check, call));
    } catch (error) {
      if (!(error instanceof ToolError)) return endedBy(error, check, call);
      refused.push({ name: nameOf(tool.tool as ToolOf<Kind>), diagnostic: error.diagnostic });
    }
  }
  const faults: ProjectCheck = { ...check, diagnostics: refused.map(({ diagnostic }) => diagnostic) };
  if (refused.length > 0 && (told.length === 0 || !flag(call, 'json'))) report(faults, call);
  if (told.length === 0) return exit.fault;
  const studies = told.map(({ study }) => study);
  const { runs } = historyOf(historyUriOf(uri, check), project.host);
  const file = pathFromLock(historyUriOf(uri, check), uri);
  const history = runs.filter((run) => run.file === file && studies.some(({ kind, name }) => run.kind === kind && run.name === name));
  const document = composeReport({ file: project.host.display(uri), date: today(), version: packageVersion(), studies, history, refused: refused.map(({ name, diagnostic }) => ({ name, why: diagnostic.message })) });
  const code = deliver(document, path.basename(given, '.mdl'), call, {
    ok: refused.length === 0,
    studies: told.map(({ study, isNew }) => ({ kind: study.kind, name: study.name, ...(study.kind === 'verify' ? { verdict: study.verdict } : {}), computed: isNew })),
    ...(refused.length === 0 ? {} : { refused: refused.map(({ name }) => name), diagnostics: diagnosticsToJson(faults) }),
  });
  return code === exit.fine && refused.length > 0 ? exit.fault : code;
}

/** What was kept where all that it rests on is as it was; else the tool runs. */
async function studyOf(found: ProjectTool, project: Project, check: ProjectCheck, call: Call): Promise<Told> {
  const tool = found.tool as ToolOf<(typeof kinds)[number]>;
  const kept = project.cache === undefined ? undefined : keptStudy(project.cache, keyOf(tool, check));
  if (kept !== undefined) return { study: kept, isNew: false };
  const carrying = { project, check, call, remembers: call.options['history'] !== false, studies: true };
  const { study } = tool.kind === 'verify' ? await carryOne(found, carriedVerify(call), carrying) : await carryOne(found, carriedProbe(call), carrying);
  return { study: study!, isNew: true };
}

// ---------------------------------------------------------------- the history

async function reportHistory(call: Call): Promise<number> {
  const { io, args } = call;
  const { host } = createProject(io);
  const [given] = args;
  const from = given === undefined ? new URL('here.mdl', `${pathToFileURL(io.cwd).href}/`).href : sourceUri(given, io.cwd);
  const uri = historyUriOf(from, { host });
  const { runs, unread } = historyOf(uri, host);
  const file = pathFromLock(uri, from);
  const shown = given === undefined ? runs : runs.filter((run) => run.file === file);
  if (shown.length === 0) throw new Stop(noHistory(host.display(uri), given, { runs, unread }), exit.usage);
  return deliver(composeHistory(host.display(uri), shown, { date: today(), version: packageVersion(), unread }), 'history', call, { runs: shown.length, unread });
}

function noHistory(history: string, file: string | undefined, { runs, unread }: History): Finding {
  const others = [...new Set(runs.map((run) => run.file))].sort();
  return cliCodes.finding('cli-no-history', { path: history, file }, [
    ...(others.length > 0 ? [`It holds runs of ${others.join(', ')}.`] : []),
    ...(unread > 0 ? [`${plural(unread, 'line')} of it ${unread === 1 ? 'is' : 'are'} no run: cut off, or written by another version of MDL.`] : []),
    '`mdl fit`, `mdl probe`, `mdl verify` and `mdl report FILE` write a line for each run there, unless --no-history is given.',
  ]);
}

function historyOf(uri: string, host: Host): History {
  try {
    return readHistory(fileURLToPath(uri));
  } catch (error) {
    throw new Stop(fileCodes.finding('file-unreadable', { path: host.display(uri), reason: reasonOf(error) }, ['The history is a file of lines. Move what stands there away, and the next run begins a new one.']), exit.usage);
  }
}

const today = (): string => new Date().toISOString().slice(0, 10);

// ---------------------------------------------------------------- the page

const formats = { html: renderHtml, md: renderMarkdown } as const;

/** Writes the page, and says what is in it. */
function deliver(document: ReportDocument, stem: string, call: Call, told: object): number {
  const { io } = call;
  const format = text(call, 'format') as keyof typeof formats;
  const page = formats[format](document);
  const out = text(call, 'out') ?? `${stem}.report.${format}`;
  if (out === '-') {
    io.stdout.write(page);
    return exit.fine;
  }
  const file = path.resolve(io.cwd, out);
  try {
    makeFolders(path.dirname(file));
    writeText(file, page);
  } catch (error) {
    throw new Stop(fileCodes.finding('write-failed', { path: out, reason: reasonOf(error) }), exit.usage);
  }
  if (flag(call, 'json')) printJson(io, { ok: true, file: out, format, bytes: Buffer.byteLength(page), ...told });
  else io.stdout.write(`${out}: ${document.title}, ${Math.ceil(Buffer.byteLength(page) / 1000).toLocaleString('en-US')} kB\n${document.tiles.map(({ label, value, note }) => `  ${label}: ${value}, ${note}\n`).join('')}`);
  return exit.fine;
}
