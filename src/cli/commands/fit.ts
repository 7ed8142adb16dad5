/** `mdl fit`: weights that are learned from data. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { reasonOf } from '../../host/system-error.ts';
import { makeFolders } from '../../host/make-folders.ts';
import { writeText } from '../../host/write-text.ts';
import path from 'node:path';
import { runFit, type FitResult } from '../../toolkit/fit/fit.ts';
import { neededOf } from '../../toolkit/fit/needed.ts';
import { isSameToRounding } from '../../toolkit/fit/same-weights.ts';
import { fitOutcome } from '../../toolkit/runs.ts';
import type { Tried } from '../../toolkit/fit/solved.ts';
import { flag, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import type { Project } from '../project/project.ts';
import { refuse } from '../stop.ts';
import { isFolder } from '../project/sources.ts';
import { carryOut } from '../project/tools.ts';

interface Fitted extends FitResult {
  readonly path: string;
  /** Whether the file is another one than before. */
  readonly changed: boolean;
}

export const command = (call: Call): Promise<number> =>
  carryOut<'fit', Fitted>(call, {
    kind: 'fit',
    run: async (fit, bench, project) => {
      const keeps = flag(call, 'check');
      if (!keeps) requirePlace(fit.weights.uri, project);
      return store(await runFit(fit, bench), project, keeps);
    },
    changes: ({ changed }) => changed && !flag(call, 'check'),
    warnings: ({ warnings }) => warnings,
    needs: (fit, missing) => neededOf(fit, missing),
    outcome: fitOutcome,
    print: (result) => void call.io.stdout.write(textOf(result, flag(call, 'check'))),
    toJson: ({ name, path: file, changed, method, rows, different, scores, measure, tried, refused, warnings }) => ({ part: name, file, changed, method, rows, different, scores, measure, tried, refused, warnings: warnings.map(({ code, message }) => ({ code, message })) }),
    codeOf: (results) => (flag(call, 'check') && results.some(({ changed }) => changed) ? exit.fault : exit.fine),
  });

/** Refuses a file that cannot be written before anything is learned for it. */
function requirePlace(uri: string, { host }: Project): void {
  const file = fileURLToPath(uri);
  const unwritable = (reason: string): never => refuse(fileCodes.finding('write-failed', { path: host.display(uri), reason }));
  if (isFolder(file)) unwritable('it is a folder');
  let folder = path.dirname(file);
  while (!existsSync(folder)) folder = path.dirname(folder);
  if (!isFolder(folder)) unwritable('a part of the path is not a folder');
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    unwritable(reasonOf(error));
  }
}

/** Writes the file where it is another one than what stands there, by more than rounding. */
function store(result: FitResult, { host }: Project, keep: boolean): Fitted {
  const file = fileURLToPath(result.uri);
  const shown = host.display(result.uri);
  const changed = !isSame(file, result.file);
  try {
    if (changed && !keep) {
      makeFolders(path.dirname(file));
      writeText(file, result.file);
    }
  } catch (error) {
    refuse(fileCodes.finding('write-failed', { path: shown, reason: reasonOf(error) }));
  }
  return { ...result, path: shown, changed };
}

function isSame(file: string, bytes: Uint8Array): boolean {
  try {
    const known = readFileSync(file);
    return known.equals(bytes) || isSameToRounding(known, bytes);
  } catch {
    return false;
  }
}

function textOf({ name, path: file, changed, method, rows, different, tried, written, measure, refused }: Fitted, check: boolean): string {
  const chosen = tried.find((one) => one.method === method)!;
  const state = check ? (changed ? 'would be another file' : 'is what the fit gives') : changed ? 'written' : 'as it was';
  const head = `${name}: ${file} ${state}, by ${method} from ${rows.toLocaleString('en-US')} rows${different < rows ? ` (${different.toLocaleString('en-US')} different)` : ''}, ${measure} ${showScore(written ?? chosen)}\n`;
  const width = Math.max(...tried.map((one) => one.method.length));
  const table = tried.length < 2 ? [] : tried.map((one) => `  ${one.method.padEnd(width)}  ${showScore(one)}${one === chosen ? '  chosen: the simplest within one standard error of the best' : ''}\n`);
  return [head, ...table, ...refused.map((why) => `  ${why}\n`)].join('');
}

const showScore = ({ score, standardError, explained, spread }: Tried): string =>
  [`${score.toFixed(4)}${standardError === undefined ? '' : ` ± ${standardError.toFixed(4)}`}`, ...(explained === undefined ? [] : [`R² ${explained.toFixed(4)}`]), ...(spread === undefined ? [] : [`spread ${spread.toFixed(3)} times`])].join(', ');
