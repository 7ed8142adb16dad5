/** `method auto`: the simplest bridge that points, up to one standard error, as well as the best at rows left out, with the target's spread. */
import { fail, succeed, type Finding, type Outcome } from '../../diagnostics/diagnostic.ts';
import { isNearBest, type Score } from './cross-validation.ts';
import { judgeBridge, type JudgedBridge } from './direction.ts';
import type { FitContext } from './method.ts';
import { spreadOut } from './spread.ts';
import { bridges, fitBridge } from './table.ts';
import type { Training } from './training.ts';

export interface Choice {
  /** With the target's spread. */
  readonly chosen: JudgedBridge;
  /** Every bridge that could be fitted, the simplest first. */
  readonly tried: readonly JudgedBridge[];
  /** Why the others could not. */
  readonly refused: readonly Finding[];
}

export async function chooseBridge(context: FitContext, training: Training): Promise<Outcome<Choice>> {
  const tried: JudgedBridge[] = [];
  const refused: Finding[] = [];
  for (const method of bridges) {
    const fitted = await fitBridge(method, context, training);
    if (fitted.ok) tried.push(await judgeBridge(context.kernels, training, fitted.value));
    else refused.push(fitted.finding);
  }
  if (tried.length === 0) return fail(refused.at(-1)!);
  return succeed({ chosen: await spreadOut(context.kernels, training, simplestNearBest(tried)), tried, refused });
}

/** The same map, and one scale more: directions hardly tell the two apart, and what reads distances or confidence does. */
const rescaled: Readonly<Record<string, string>> = { orthogonal: 'scaled-orthogonal' };

interface Rival {
  readonly method: string;
  /** The cosine on rows left out. */
  readonly direction: Score;
  /** R² on rows left out. */
  readonly score: Score;
}

/** By what rivals are compared: where vectors point, or how near numbers come. */
export type Criterion = 'direction' | 'score';

/** The first that does as well as the best, up to chance; with a scale where that explains more than chance would. */
export function simplestNearBest<T extends Rival>(tried: readonly T[], by: Criterion = 'direction'): T {
  const best = tried.reduce((a, b) => (b[by].mean > a[by].mean ? b : a))[by];
  const simplest = tried.find((one) => isNearBest(one[by], best))!;
  const scaled = tried.find(({ method }) => method === rescaled[simplest.method]);
  return scaled === undefined || isNearBest(simplest.score, scaled.score) ? simplest : scaled;
}
