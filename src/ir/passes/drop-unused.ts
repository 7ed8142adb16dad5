/** Drops the steps and initializers that no output needs. Inputs stay: they are the model's interface. */
import type { Program } from '../program.ts';

export function dropUnused(program: Program): Program {
  const needed = new Set(program.outputs.map((port) => port.value));
  // Steps are in topological order, so one walk from the end sees every use before its making.
  const steps = program.steps.toReversed().filter((step) => {
    const isLink = step.kind === 'link';
    const makes = isLink ? [...step.outputs.values()] : step.outputs;
    if (!makes.some((value) => needed.has(value))) return false;
    for (const value of isLink ? step.inputs.values() : step.inputs) needed.add(value);
    return true;
  });
  return {
    ...program,
    steps: steps.toReversed(),
    initializers: program.initializers.filter((tensor) => needed.has(tensor.name)),
  };
}
