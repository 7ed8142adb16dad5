/** One composition, drawn, built in several layouts, run, and compared. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createFolder, mdl } from '../../cli/harness.ts';
import { randomNumbers } from '../../ir/infer/random/drawing.ts';
import { readJson, runBundle } from './bundle.ts';
import { compare, type Counts } from './compare.ts';
import { randomOf, type Random, type Run } from './drawing.ts';
import { brokenFacts } from './facts.ts';
import type { Answers, Optimised } from './foreign.ts';
import { answersOf, CannotRun, drawFeeds, drawProject, drawSizes, firstStates, type Expected, type Project, type Workplace } from './project.ts';
import { broken, rewritten } from './rewriting.ts';
import { runtimeFaults } from './runtime.ts';
import { sameBytes, tampered } from './tampering.ts';

class Refused extends Error {}

/** What is wrong, each in a line. */
export async function examine(seed: number, counts: Counts): Promise<readonly string[]> {
  const folder = createFolder({ 'package.json': '{ "name": "composed" }' });
  const inspect: Workplace['inspect'] = async (file) => {
    const { code, stdout, stderr } = await mdl(folder.path, ['inspect', file, '--inner', '--json']);
    if (code !== 0) throw new Refused(`${file} is refused: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  };
  let wrong: readonly string[] = [];
  try {
    const project = await drawProject(seed, { folder: folder.path, inspect });
    if (project === undefined) return [];
    counts.drawn++;
    for (const [name, bytes] of Object.entries({ ...project.files, 'main.mdl': project.text })) writeFileSync(path.join(folder.path, name), bytes);
    wrong = await compareAll(project, folder.path, counts);
    return wrong;
  } catch (error) {
    wrong = [error instanceof Refused ? error.message : `the test fails: ${String((error as Error).stack)}`];
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

interface Layout {
  readonly options: readonly string[];
  readonly levels: readonly Optimised[];
  readonly weights?: 'f16';
}
const layouts: Readonly<Record<string, Layout>> = {
  fused: { options: [], levels: ['disabled', 'all'] },
  linked: { options: ['--link'], levels: ['disabled'] },
  split: { options: ['--split'], levels: ['disabled'] },
  halved: { options: ['--weights', 'f16'], levels: ['disabled'], weights: 'f16' },
};

/** What is built of a project: all of it of some, two layouts of the others. */
function chooseLayouts({ files }: Project, random: Random): (readonly [string, Layout])[] {
  const hasWeights = Object.keys(files).some((name) => name.endsWith('.safetensors'));
  return Object.entries(layouts).filter(([name]) => name === 'fused' || (name === 'halved' ? hasWeights && random.chance(0.4) : random.chance(0.5)));
}

async function compareAll(project: Project, folder: string, counts: Counts): Promise<readonly string[]> {
  const random = randomOf(randomNumbers(project.seed + 0x5eed));
  const chosen = chooseLayouts(project, random);
  const wrong: string[] = [];
  for (const [layout, { options }] of chosen) {
    const { code, stdout, stderr } = await mdl(folder, ['build', 'main.mdl', '--out', layout, ...options, '--json']);
    if (code !== 0) {
      // A guard that no value passes was drawn.
      if (codesOf(stdout).startsWith('rejects-all')) return [];
      return [`${layout}: refused: ${codesOf(stdout)} ${stderr}`];
    }
    const audit = await mdl(folder, ['audit', `${layout}/M`]);
    if (audit.code !== 0) wrong.push(`${layout}: the audit fails: ${audit.stdout}${audit.stderr}`);
  }
  counts.built++;
  if (random.chance(0.2)) {
    const again = await mdl(folder, ['build', 'main.mdl', '--out', 'again', '--json']);
    if (again.code !== 0 || !sameBytes(path.join(folder, 'fused/M'), path.join(folder, 'again/M'))) wrong.push('a second build has other bytes');
  }
  wrong.push(...(await refusesBroken(project, folder, random, counts)));
  const isRewritten = random.chance(0.15);
  if (isRewritten) {
    writeFileSync(path.join(folder, 'rewritten.mdl'), rewritten(project.text));
    const formatted = await mdl(folder, ['fmt', 'rewritten.mdl']);
    const built = await mdl(folder, ['build', 'rewritten.mdl', '--out', 'rewritten', '--json']);
    if (formatted.code !== 0 || built.code !== 0) return [...wrong, `with other names: refused: ${formatted.stderr}${codesOf(built.stdout)}${built.stderr}`];
    chosen.push(['rewritten', { options: [], levels: ['disabled'] }]);
  }
  let runs = 0;
  for (let tries = 0; tries < 12 && runs < 2; tries++) {
    const found = await compareRun(project, folder, chosen, random, counts, runs === 0);
    if (found === undefined) continue;
    runs++;
    wrong.push(...found);
  }
  if (runs === 0) counts.unrunnable++;
  counts.runs += runs;
  if (random.chance(0.2)) wrong.push(...(await tampered(path.join(folder, 'fused/M'), random)));
  return wrong;
}

/** With one joint changed the program is refused. */
async function refusesBroken({ text }: Project, folder: string, random: Random, counts: Counts): Promise<readonly string[]> {
  const changed = broken(text, random);
  if (changed === undefined) return [];
  counts.broken++;
  writeFileSync(path.join(folder, 'broken.mdl'), changed.text);
  const { code } = await mdl(folder, ['check', 'broken.mdl', '--json']);
  return code === 1 ? [] : [`${changed.what}: the check ends with ${code}`];
}

/** Runs of each layout on random inputs, several in a row where there are states; undefined where a network refuses them. */
async function compareRun(project: Project, folder: string, chosen: readonly (readonly [string, Layout])[], random: Random, counts: Counts, isFirst: boolean): Promise<readonly string[] | undefined> {
  const wrong: string[] = [];
  const sizes = drawSizes(random);
  const steps = Array.from({ length: project.states.length > 0 ? 3 : 1 }, () => drawFeeds(project, random, sizes));
  const expect = (how: Pick<Run, 'level' | 'weights'>): Promise<readonly Expected[] | undefined> => expectedOf(project, steps, sizes, how);
  const plain = await expect({ level: 'disabled' });
  if (plain === undefined) return undefined;
  for (const [layout, { levels, weights }] of chosen) {
    for (const level of levels) {
      const how = { level, ...(weights === undefined ? {} : { weights }) };
      const expected = await expect(how);
      if (expected === undefined) continue;
      const found = await runBundle(path.join(folder, layout, 'M'), steps, firstStates(project, sizes), level);
      if (typeof found === 'string') {
        if (!/NOT_IMPLEMENTED|Could not find an implementation/.test(found)) wrong.push(`${layout} ${level}: does not run: ${found}`);
        continue;
      }
      for (const [i, { outputs }] of expected.entries()) {
        wrong.push(...compare(outputs, found[i]!, counts).map((text) => `${layout} ${level}, run ${i}: ${text}`));
        if (layout === 'fused' && level === 'disabled') wrong.push(...brokenFacts(path.join(folder, 'fused/M'), found[i]!, counts));
      }
      if (level === 'disabled' && isFirst && (layout === 'fused' || layout === 'split')) wrong.push(...(await runtimeFaults(path.join(folder, layout, 'M'), steps, expected, sizes)).map((text) => `${layout}: ${text}`));
    }
  }
  return wrong;
}

async function expectedOf(project: Project, steps: readonly Answers[], sizes: Readonly<Record<string, number>>, how: Pick<Run, 'level' | 'weights'>): Promise<readonly Expected[] | undefined> {
  let states = firstStates(project, sizes);
  const all: Expected[] = [];
  try {
    for (const feeds of steps) {
      all.push(await answersOf(project, new Map([...feeds, ...states]), how));
      states = all.at(-1)!.states;
    }
    return all;
  } catch (error) {
    if (error instanceof CannotRun) return undefined;
    throw error;
  }
}

function codesOf(stdout: string): string {
  const json = readJson(stdout) as { diagnostics?: readonly { severity: string; code: string; message: string }[] } | undefined;
  return (json?.diagnostics ?? []).filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code}: ${message}`).join('; ');
}
