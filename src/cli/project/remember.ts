/** A run of `fit`, `probe` or `verify`, written into the history. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { CheckedFit, CheckedProbe, CheckedVerify } from '../../check/tools/index.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { locate, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { reasonOf } from '../../host/system-error.ts';
import { lockUriOf } from '../../packages/index.ts';
import { pathFromLock } from '../../packages/lock-place.ts';
import { appendRun, historyName } from '../../toolkit/history.ts';
import type { RunOutcome } from '../../toolkit/runs.ts';
import { digestOfData } from '../../toolkit/data/table.ts';
import { emptySpan } from '../../text/source.ts';
import type { ProjectCheck } from './project.ts';
import { packageVersion } from '../version.ts';

export type CarriedTool = CheckedFit | CheckedProbe | CheckedVerify;

/** Where the history of a module is kept. */
export const historyUriOf = (uri: string, { host }: Pick<ProjectCheck, 'host'>): string => new URL(historyName, lockUriOf(uri, host)).href;

/** Appends the run; what cannot be written is a warning, for the run itself is as good as without it. */
export function remember(tool: CarriedTool, outcome: RunOutcome, check: ProjectCheck): readonly Diagnostic[] {
  const uri = historyUriOf(tool.uri, check);
  const run = {
    at: `${new Date().toISOString().slice(0, 19)}Z`,
    kind: tool.kind,
    file: pathFromLock(uri, tool.uri),
    name: tool.kind === 'fit' ? tool.target.name : tool.name,
    inputs: inputsOf(tool, check),
    ...outcome,
    seed: tool.kind === 'fit' ? tool.seed : 0,
    versions: { 'mdl-lang': packageVersion(), node: process.versions.node },
  };
  try {
    appendRun(fileURLToPath(uri), run);
    return [];
  } catch (error) {
    const finding = fileCodes.finding('write-failed', { path: check.host.display(uri), reason: reasonOf(error) }, ['The run is missing in the history. `--no-history` leaves the history as it is.']);
    return [locate({ ...finding, severity: 'warning' }, { uri, span: emptySpan })];
  }
}

/** SHA-256 of all that a tool may rest on, by paths from the history: the sources and the foreign files that they reach, and its data. */
export function inputsOf(tool: CarriedTool, { host, sources, fingerprints }: ProjectCheck): Readonly<Record<string, string>> {
  const from = lockUriOf(tool.uri, host);
  const own = tool.kind === 'fit' ? tool.weights.uri : undefined;
  const library = new URL('.', host.standardModule('nn') ?? from).href;
  const written = [...sources].flatMap(([uri, { text }]): [string, string][] =>
    uri.endsWith('.mdl') && !uri.startsWith(library) ? [[uri, createHash('sha256').update(text).digest('hex')]] : [],
  );
  const foreign = [...fingerprints].filter(([uri]) => uri !== own);
  const data = tool.data.map(({ uri }): [string, string] => [uri, digestOfData(uri, host)]);
  const all = [...written, ...foreign, ...data].map(([uri, digest]): [string, string] => [pathFromLock(from, uri), digest]);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}
