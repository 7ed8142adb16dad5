/** `fit NAME { … }` carried out: what the part learns, and where it comes from. */
import type { CheckedFit } from '../../check/tools/index.ts';
import { losses, type MeasureRow } from '../../check/tools/tables.ts';
import type { LoweredTerms } from '../../check/tools/lower.ts';
import { alignCodes } from '../../diagnostics/codes/align.ts';
import { locate, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { pathFromLock } from '../../packages/lock-place.ts';
import { solve } from './closed-form.ts';
import type { Tables } from '../data/columns.ts';
import { ToolError, valueOf } from '../errors.ts';
import { weightsFile } from './form.ts';
import { convexMethod } from './convex.ts';
import { isGradientMethod, learn } from './learn.ts';
import { learnWhole } from './learn-whole.ts';
import type { Solved } from './solved.ts';
import { readTable } from '../data/table.ts';
import { keptWhole } from '../memory.ts';
import type { Workbench } from '../workbench.ts';

export interface FitResult extends Omit<Solved, 'lowered' | 'weights' | 'settings' | 'doubt'> {
  readonly name: string;
  /** The weights file, and what is to stand in it. */
  readonly uri: string;
  readonly file: Uint8Array;
  /** What is doubtful about it: it is written all the same. */
  readonly warnings: readonly Diagnostic[];
}

export async function runFit(fit: CheckedFit, bench: Workbench): Promise<FitResult> {
  const tables: Tables = new Map(fit.data.map((data) => [data, readTable(data, bench.host, keptWhole(bench.memory))]));
  const { lowered, weights, settings, doubt, besideLarge, ...result } = await carryOut(fit, tables, bench);
  const record = recordOf(fit, { ...result, settings }, lowered, tables, bench);
  return { name: fit.target.name, uri: fit.weights.uri, file: weightsFile(weights, fit.weights, record), warnings: warningsOf(fit, { method: result.method, doubt, besideLarge }), ...result };
}

function warningsOf({ target, location }: CheckedFit, { method, doubt, besideLarge }: Pick<Solved, 'method' | 'doubt' | 'besideLarge'>): readonly Diagnostic[] {
  return [
    ...(besideLarge === undefined ? [] : [alignCodes.finding('fit-beside-large', { method, ...besideLarge }, ['Its penalty goes by the mean variance of all columns, so that even the weakest outweighs theirs. Bring the columns to one scale before `' + target.name + '`, as by `standardize`; `method least_squares` has no penalty.'])]),
    ...(doubt === undefined ? [] : [alignCodes.finding('fit-no-better', { part: target.name, ...doubt }, [...(doubt.notes ?? []), 'Either the rows are too few, or one side says nothing of the other: `mdl probe` tells which. `mdl verify` would not let it pass.'])]),
  ].map((finding) => locate(finding, location));
}


/** What no closed form is for is learned by gradient, unless one was asked for. */
async function carryOut(fit: CheckedFit, tables: Tables, bench: Workbench): Promise<Solved> {
  const { name } = fit.method;
  if (isGradientMethod(name)) return await learn(fit, tables, bench);
  try {
    return await solve(fit, tables, bench);
  } catch (error) {
    if (!(error instanceof ToolError) || !['fit-form', 'fit-unsupported'].includes(error.diagnostic.code)) throw error;
    const convex = name === 'auto' ? await convexMethod(fit, bench) : undefined;
    if (convex !== undefined) return await learnWhole(fit, convex, tables, bench);
    if (name === 'auto') return await learn(fit, tables, bench);
    if (name === 'lbfgs') return await learnWhole(fit, fit.method, tables, bench);
    throw error;
  }
}

/** A loss with the options that are not the table's own: they make another minimum. */
function recordOfLoss({ name, weight, options }: CheckedFit['loss'][number]): object {
  const chosen = [...options].filter(([option, value]) => value !== (losses as Readonly<Record<string, MeasureRow>>)[name]?.options[option]?.default);
  return { name, weight, ...(chosen.length === 0 ? {} : { options: Object.fromEntries(chosen) }) };
}

/** Where the weights come from, by paths from their file. No time, and no path of this machine: the same inputs give the same bytes. */
function recordOf(fit: CheckedFit, { method, settings, rows, different, scores }: Pick<Solved, 'method' | 'settings' | 'rows' | 'different' | 'scores'>, { model }: LoweredTerms, tables: Tables, { host, version }: Workbench): object {
  const digestOf = (uri: string): string => valueOf(host.sha256(uri), fit.location);
  const named = (uri: string): string => pathFromLock(fit.weights.uri, uri);
  return {
    part: fit.target.name,
    method,
    settings,
    loss: fit.loss.map(recordOfLoss),
    seed: fit.seed,
    ...(fit.frozen.size === 0 ? {} : { frozen: Object.fromEntries([...fit.frozen].map(([path, until]) => [path, until === Infinity ? 'always' : `for ${until} epochs`])) }),
    rows,
    ...(different < rows ? { 'different rows': different } : {}),
    scores,
    encoders: Object.fromEntries(model.files.filter((uri) => uri !== fit.weights.uri).map((uri) => [named(uri), digestOf(uri)])),
    data: Object.fromEntries([...tables].map(([data, table]) => [named(data.uri), table.digest])),
    versions: { 'mdl-lang': version },
  };
}
