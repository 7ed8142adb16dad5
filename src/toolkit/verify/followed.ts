/** What of a program rests on some of its values. */
import type { Program } from '../../ir/program.ts';

/** All values that rest on some: steps stand in their order. */
export function followed({ steps }: Program, from: ReadonlySet<string>): ReadonlySet<string> {
  const touched = new Set(from);
  for (const step of steps) {
    const [inputs, outputs] = step.kind === 'link' ? [[...step.inputs.values()], [...step.outputs.values()]] : [step.inputs, step.outputs];
    if (inputs.some((value) => touched.has(value))) for (const value of outputs) touched.add(value);
  }
  return touched;
}
