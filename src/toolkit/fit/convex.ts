/** Fits of which `auto` knows that their loss has one minimum: a linear part with independent labels. */
import type { Applied, CheckedFit } from '../../check/tools/index.ts';
import { methods } from '../../check/tools/tables.ts';
import { lowerFit } from './closed-form.ts';
import { ToolError } from '../errors.ts';
import { formOf, openPart } from './form.ts';
import type { Workbench } from '../workbench.ts';

/** `lbfgs` with a penalty that is to be chosen, where the part is `sigmoid(x w + b)` of its one input, and learned by `binary_cross_entropy` alone; undefined for all else. */
export async function convexMethod(fit: CheckedFit, bench: Workbench): Promise<Applied | undefined> {
  const [loss, ...others] = fit.loss;
  const operands = [...loss!.inputs.values()];
  const [prediction, target] = [operands.find(({ kind }) => kind !== 'column'), operands.find(({ kind }) => kind === 'column')];
  if (others.length > 0 || loss!.name !== 'binary_cross_entropy' || prediction === undefined || target === undefined || fit.frozen.size > 0) return undefined;
  try {
    const { lowered, call } = lowerFit(fit, { prediction, target }, bench);
    const request = { lowered, call, part: fit.target, parameters: fit.weights.parameters, location: fit.location, seed: fit.seed };
    const opened = await openPart(request, bench);
    try {
      const { tail, rest } = await formOf(request, opened, bench.kernels);
      if (tail !== 'sigmoid' || rest.length > 0) return undefined;
    } finally {
      await opened.close();
    }
  } catch (error) {
    // Another form is learned by steps.
    if (error instanceof ToolError && error.diagnostic.code === 'fit-form') return undefined;
    throw error;
  }
  return { name: 'lbfgs', inputs: new Map(), options: new Map([['iterations', methods.lbfgs.options.iterations.default]]), location: fit.method.location };
}
