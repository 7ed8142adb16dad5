/** Which methods a fit of vectors tries, by the name that the source gives them. */
import { aboutOrigin, bridges, coral, fitBridge, leastSquares, lowRank, lowRankOf, matchMoments, orthogonal, productsOf, ridge, ridgeWith, scaledOrthogonal, scaledStandardisedOrthogonal, standardisedOrthogonal, standardising, translate, translateScale, whitened, judgeBridge, type AffineMethod, type JudgedBridge, type Placed, type Product, type Training, type WeightTensor } from '../../align/index.ts';
import type { FitContext } from '../../align/adapters/method.ts';
import { tooFewRows } from '../../align/adapters/training.ts';
import type { Options } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Location } from '../../text/source.ts';
import { refuse } from '../errors.ts';
import { byGradient, type PlaceWeights } from './form.ts';

export interface BridgeRequest {
  readonly name: string;
  readonly options: Options;
  readonly place: PlaceWeights;
  /** Whether the part can move what it maps. */
  readonly hasBias: boolean;
  /** What the part does behind the map. */
  readonly placed: Placed;
  readonly location: Location;
  /** For messages. */
  readonly part: string;
}

export interface TriedBridge extends JudgedBridge {
  readonly weights: readonly WeightTensor[];
}

export interface TriedBridges {
  /** At least one, the simplest first. */
  readonly tried: readonly TriedBridge[];
  readonly refused: readonly string[];
  /** What the scores of methods are that look at no target; others have a cosine, too. */
  readonly measure: string | undefined;
}

/** By whether columns are standardised, and whether there is a scale. */
const rotations = { false: { false: orthogonal, true: scaledOrthogonal }, true: { false: standardisedOrthogonal, true: scaledStandardisedOrthogonal } } as const;

/** The methods that a name stands for; several are compared. */
const methodsOf: Readonly<Record<string, (options: Options, hasBias: boolean) => readonly AffineMethod[]>> = {
  auto: (_, hasBias) => (hasBias ? bridges : [orthogonal, scaledOrthogonal, lowRank, ridge]),
  procrustes: (options) => [rotations[`${options.get('standardise') === true}`][`${options.get('scale') === true}`]],
  least_squares: () => [leastSquares],
  ridge: (options) => [Number(options.get('lambda')) > 0 ? ridgeWith(Number(options.get('lambda'))) : ridge],
  translate: (options) => [options.get('scale') === true ? translateScale : translate],
  match_moments: () => [matchMoments],
  coral: () => [coral],
  standardise: () => [standardising],
  whitening: () => [whitened],
  low_rank: (options) => [lowRankOf(Number(options.get('rank')))],
};

/** What these promise of means, a part without a bias cannot keep. */
const moving: readonly string[] = ['translate', 'match_moments', 'coral', 'standardise', 'whitening'];

/** Which products a training for the method has to sum up. */
export const productsFor = ({ name, options, hasBias }: Pick<BridgeRequest, 'name' | 'options' | 'hasBias'>, columnsX: number, columnsY: number): readonly Product[] => productsOf(methodsOf[name]!(options, hasBias), columnsX, columnsY);

/** Fits what the method stands for, as far as the part has the parameters for it. */
export async function fitBridges(context: FitContext, training: Training, { name, options, place, hasBias, placed, location, part }: BridgeRequest): Promise<TriedBridges> {
  if (!hasBias && moving.includes(name)) refuse(toolkitCodes.finding('fit-form', { name: part, why: `it has no bias, and \`${name}\` moves what it maps` }, [`Give it one, by \`linear(out: ${training.columnsY})\`. Without a bias there are \`procrustes\`, \`ridge\`, \`least_squares\` and \`low_rank\`.`]), location);
  const methods = methodsOf[name]!(options, hasBias);
  const fittedFrom = hasBias && options.get('center') !== false ? training : aboutOrigin(training);
  const tried: TriedBridge[] = [];
  const refused: string[] = [];
  for (const method of methods) {
    const fitted = await fitBridge(method, context, fittedFrom, name === 'auto' ? method.name : name);
    if (!fitted.ok) {
      if (name !== 'auto') refuse(fitted.finding, location);
      refused.push(fitted.finding.message);
      continue;
    }
    const weights = place(fitted.value.adapter);
    if (weights === undefined) refused.push(`\`${method.name}\` has other parameters than \`${part}\`.`);
    else tried.push({ ...(await judgeBridge(context.kernels, training, fitted.value, placed)), weights });
  }
  const tooFew = tried.length === 0 ? leastOf(methods, training) : undefined;
  if (tooFew !== undefined) refuse(tooFew, location);
  if (tried.length === 0) refuse(toolkitCodes.finding('fit-form', { name: part, why: hasBias ? 'it is no affine map of its input, and no method has weights for its parameters' : 'it is a rotation, and what this finds is none' }, [...refused, byGradient]), location);
  return { tried, refused, measure: methods[0]!.measure };
}

/** What the least demanding of several methods needs, where rows are all that some of them lack. */
function leastOf(methods: readonly AffineMethod[], { rows, different, columnsX, columnsY }: Training): Finding | undefined {
  const [least] = methods
    .filter((method) => method.misfit?.(columnsX, columnsY) === undefined)
    .map((method) => ({ name: method.name, ...method.leastRows(columnsX, columnsY) }))
    .filter((one) => one.rows > different)
    .sort((a, b) => a.rows - b.rows);
  return least && tooFewRows('auto', { rows, different }, least.rows, `for the simplest of its bridges, \`${least.name}\`, ${least.why}`);
}
