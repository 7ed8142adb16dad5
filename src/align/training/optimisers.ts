/** Optimisers: what each step makes of a parameter and its gradient, as nodes, and the numbers that change from step to step. */
import type { Notation } from '../../ops/notation.ts';

export interface OptimiserSettings {
  /** Of SGD: the part of the last step that is taken again. */
  readonly momentum: number;
  /** Of matrices and kernels: what has one axis moves, scales or is a bias, and is not drawn to 0. */
  readonly weightDecay: number;
}

interface Update {
  readonly parameter: string;
  readonly gradient: string;
  /** What is kept of the parameter from step to step, in the order of `keeps`. */
  readonly kept: readonly string[];
  /** The numbers of the step, by their names. */
  readonly scalar: (name: string) => string;
  readonly decays: boolean;
}

export interface Optimiser {
  /** What is kept for each parameter, zeros at first. */
  readonly keeps: readonly string[];
  /** The numbers of step t, from 1, at a learning rate. */
  readonly scalars: (t: number, rate: number, settings: OptimiserSettings) => Readonly<Record<string, number>>;
  readonly update: (update: Update, written: Notation, settings: OptimiserSettings) => { readonly parameter: string; readonly kept: readonly string[] };
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/** The gradient of λ/2 ‖w‖² beside the loss's. */
const penalised = ({ gradient, parameter, decays }: Update, { add, mul }: Notation, { weightDecay }: OptimiserSettings): string =>
  decays && weightDecay > 0 ? add(gradient, mul(parameter, weightDecay)) : gradient;

/** Kingma and Ba 2015, with the corrections of both moments put into the step's size and ε (section 2). */
function adamStep({ parameter, kept: [mean, square], scalar }: Update, gradient: string, { add, sub, mul, div, sqrt, square: squared }: Notation) {
  const m = add(mul(mean!, beta1), mul(gradient, 1 - beta1));
  const v = add(mul(square!, beta2), mul(squared(gradient), 1 - beta2));
  const step = div(mul(m, scalar('rate')), add(sqrt(v), scalar('epsilon')));
  return { parameter: sub(parameter, step), kept: [m, v] };
}

const adamScalars = (t: number, rate: number): Readonly<Record<string, number>> => {
  const second = Math.sqrt(1 - beta2 ** t);
  return { rate: (rate * second) / (1 - beta1 ** t), epsilon: epsilon * second };
};

export const optimisers = {
  sgd: {
    keeps: ['velocity'],
    scalars: (_, rate) => ({ rate }),
    update: (update, n, settings) => {
      const velocity = n.add(n.mul(update.kept[0]!, settings.momentum), penalised(update, n, settings));
      return { parameter: n.sub(update.parameter, n.mul(velocity, update.scalar('rate'))), kept: [velocity] };
    },
  },
  adam: {
    keeps: ['mean', 'square'],
    scalars: adamScalars,
    update: (update, n, settings) => adamStep(update, penalised(update, n, settings), n),
  },
  /** Weights are drawn to 0 apart from the gradient (Loshchilov and Hutter 2019). */
  adamw: {
    keeps: ['mean', 'square'],
    scalars: (t, rate, { weightDecay }) => ({ ...adamScalars(t, rate), kept: 1 - rate * weightDecay }),
    update: (update, n) => adamStep(update.decays ? { ...update, parameter: n.mul(update.parameter, update.scalar('kept')) } : update, update.gradient, n),
  },
} as const satisfies Record<string, Optimiser>;

export type OptimiserName = keyof typeof optimisers;
