/** The refusal of a run where as many wait as may. */
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { MdlRuntimeError } from './errors.ts';

export const busy = (waiting: number): MdlRuntimeError =>
  new MdlRuntimeError(runtimeCodes.finding('model-busy', { waiting }, ['Ask again once answers have come, or let more wait: `load(bundle, { workers: 2, waiting: 100 })`.']));
