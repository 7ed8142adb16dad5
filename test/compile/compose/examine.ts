/** One composition, drawn, built in several layouts, run, and compared. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createFolder, mdl } from '../../cli/harness.ts';
import { randomNumbers } from '../../ir/infer/random/drawing.ts';
import { readJson, runBundle } from './bundle.ts';
import { randomOf } from './drawing.ts';
import type { Answers, Optimised } from './foreign.ts';
import type { Tensor } from './interval.ts';
import { answersOf, CannotRun, drawFeeds, drawProject, type Inspect, type Project } from './project.ts';

export interface Counts {
  drawn: number;
  built: number;
  runs: number;
  /** Elements compared, and those of which everything was known to the last bit. */
  elements: number;
  exact: number;
  /** Programs whose networks refused all inputs. */
  unrunnable: number;
}
export const newCounts = (): Counts => ({ drawn: 0, built: 0, runs: 0, elements: 0, exact: 0, unrunnable: 0 });

/** What is wrong, each in a line. */
export async function examine(seed: number, counts: Counts): Promise<readonly string[]> {
  const folder = createFolder({ 'package.json': '{ "name": "composed" }' });
  const inspect: Inspect = async (file, bytes) => {
    writeFileSync(path.join(folder.path, file), bytes);
    const { code, stdout } = await mdl(folder.path, ['inspect', file, '--json']);
    return code === 0 ? JSON.parse(stdout) : undefined;
  };
  let wrong: readonly string[] = [];
  try {
    const project = await drawProject(seed, inspect);
    if (project === undefined) return [];
    counts.drawn++;
    for (const [name, bytes] of Object.entries({ ...project.files, 'main.mdl': project.text })) writeFileSync(path.join(folder.path, name), bytes);
    wrong = await compareAll(project, folder.path, counts);
    return wrong;
  } finally {
    const keep = process.env['MDL_COMPOSE_KEEP'];
    if (keep !== undefined && wrong.length > 0) {
      mkdirSync(keep, { recursive: true });
      cpSync(folder.path, path.join(keep, String(seed)), { recursive: true });
      writeFileSync(path.join(keep, String(seed), 'wrong.txt'), wrong.join('\n'));
    }
    folder.remove();
  }
}

const layouts: Readonly<Record<string, readonly string[]>> = { fused: [], linked: ['--link'], split: ['--split'] };

async function compareAll(project: Project, folder: string, counts: Counts): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [layout, options] of Object.entries(layouts)) {
    const { code, stdout, stderr } = await mdl(folder, ['build', 'main.mdl', '--out', layout, ...options, '--json']);
    if (code !== 0) return [`${layout}: refused: ${codesOf(stdout)} ${stderr}`];
    const audit = await mdl(folder, ['audit', `${layout}/M`]);
    if (audit.code !== 0) wrong.push(`${layout}: the audit fails: ${audit.stdout}${audit.stderr}`);
  }
  counts.built++;
  const random = randomOf(randomNumbers(project.seed + 0x5eed));
  let runs = 0;
  for (let tries = 0; tries < 12 && runs < 2; tries++) {
    const feeds = drawFeeds(project, random);
    let expected: Answers;
    try {
      expected = await answersOf(project, feeds);
    } catch (error) {
      if (error instanceof CannotRun) continue;
      throw error;
    }
    runs++;
    for (const layout of Object.keys(layouts)) {
      for (const level of ['disabled', 'all'] as const satisfies readonly Optimised[]) {
        if (level === 'all' && layout !== 'fused') continue;
        const found = await runBundle(path.join(folder, layout, 'M'), feeds, level);
        if (typeof found === 'string') {
          if (!/NOT_IMPLEMENTED|Could not find an implementation/.test(found)) wrong.push(`${layout} ${level}: does not run: ${found}`);
        } else if (level === 'disabled') wrong.push(...compare(expected, found, counts).map((text) => `${layout} ${level}: ${text}`));
      }
    }
  }
  if (runs === 0) counts.unrunnable++;
  counts.runs += runs;
  return wrong;
}

function codesOf(stdout: string): string {
  const json = readJson(stdout) as { diagnostics?: readonly { severity: string; code: string; message: string; line?: number }[] } | undefined;
  return (json?.diagnostics ?? []).filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code}: ${message}`).join('; ');
}

/** Where an answer is not one that the parts may give. */
export function compare(expected: Answers, found: Answers, counts?: Counts): readonly string[] {
  return [...expected].flatMap(([name, tensor]) => {
    const other = found.get(name);
    if (other === undefined) return [`\`${name}\` is not there`];
    if (other.dtype !== tensor.dtype) return [`\`${name}\` is ${other.dtype}, not ${tensor.dtype}`];
    if (other.dims.join() !== tensor.dims.join()) return [`\`${name}\` is [${other.dims.join(', ')}], not [${tensor.dims.join(', ')}]`];
    const at = firstOutside(tensor, other);
    if (counts !== undefined) {
      counts.elements += tensor.low.length;
      counts.exact += tensor.low.filter((low, i) => low === tensor.high[i]).length;
    }
    return at < 0 ? [] : [`\`${name}\`[${at}] is ${other.low[at]}, not in [${tensor.low[at]}, ${tensor.high[at]}]`];
  });
}

function firstOutside({ low, high }: Tensor, { low: found }: Tensor): number {
  return low.findIndex((from, i) => {
    const [to, value] = [high[i]!, found[i]!];
    if (Number.isNaN(from)) return !Number.isNaN(value);
    if (from === -Infinity && to === Infinity) return false;
    return !(value >= from && value <= to);
  });
}
