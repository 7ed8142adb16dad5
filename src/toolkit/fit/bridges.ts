/** Which methods a fit of vectors tries, by the name that the source gives them. */
import { bridges, coral, fitBridge, leastSquares, lowRankOf, matchMoments, orthogonal, ridge, ridgeWith, scaledOrthogonal, standardising, translate, translateScale, whitened, judgeBridge, type AffineMethod, type JudgedBridge, type Placed, type Training, type WeightTensor } from '../../align/index.ts';
import type { FitContext } from '../../align/adapters/method.ts';
import type { Options } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Location } from '../../text/source.ts';
import { refuse } from '../errors.ts';
import type { PlaceWeights } from './form.ts';

export interface BridgeRequest {
  readonly name: string;
  readonly options: Options;
  readonly place: PlaceWeights;
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

/** The methods that a name stands for; several are compared. */
const methodsOf: Readonly<Record<string, (options: Options) => readonly AffineMethod[]>> = {
  auto: () => bridges,
  procrustes: (options) => [options.get('scale') === true ? scaledOrthogonal : orthogonal],
  least_squares: () => [leastSquares],
  ridge: (options) => [Number(options.get('lambda')) > 0 ? ridgeWith(Number(options.get('lambda'))) : ridge],
  translate: (options) => [options.get('scale') === true ? translateScale : translate],
  match_moments: () => [matchMoments],
  coral: () => [coral],
  standardise: () => [standardising],
  whitening: () => [whitened],
  low_rank: (options) => [lowRankOf(Number(options.get('rank')))],
};

/** Fits what the method stands for, as far as the part has the parameters for it. */
export async function fitBridges(context: FitContext, training: Training, { name, options, place, placed, location, part }: BridgeRequest): Promise<TriedBridges> {
  if (options.get('center') === false) refuse(toolkitCodes.finding('fit-unsupported', { what: '`center: false`' }, ['Centring is the largest single gain, and costs a bias.']), location);
  const tried: TriedBridge[] = [];
  const refused: string[] = [];
  for (const method of methodsOf[name]!(options)) {
    const fitted = await fitBridge(method, context, training);
    if (!fitted.ok) {
      if (name !== 'auto') refuse(fitted.finding, location);
      refused.push(fitted.finding.message);
      continue;
    }
    const weights = place(fitted.value.adapter);
    if (weights === undefined) refused.push(`\`${method.name}\` has other parameters than \`${part}\`.`);
    else tried.push({ ...(await judgeBridge(context.kernels, training, fitted.value, placed)), weights });
  }
  if (tried.length === 0) refuse(toolkitCodes.finding('fit-form', { name: part, why: 'it is no affine map of its input, and no method has weights for its parameters' }, refused), location);
  return { tried, refused, measure: methodsOf[name]!(options)[0]!.measure };
}
