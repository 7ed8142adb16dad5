/**
 * Drops the steps and initializers that no output needs, and of linked graphs the inputs and outputs. The model's own
 * inputs stay: they are its interface.
 */
import { neededBy, reach } from '../needs.ts';
import type { Link, Program } from '../program.ts';

export function dropUnused(program: Program): Program {
  const needed = new Set(program.outputs.map((port) => port.value));
  // Steps are in topological order, so one walk from the end sees every use before its making.
  const steps = program.steps.toReversed().flatMap((step) => {
    const makes = step.kind === 'link' ? [...step.outputs.values()] : step.outputs;
    if (!makes.some((value) => needed.has(value))) return [];
    const kept = step.kind === 'link' ? trimLink(step, needed) : step;
    for (const value of kept.kind === 'link' ? kept.inputs.values() : neededBy(kept)) needed.add(value);
    return [kept];
  });
  return {
    ...program,
    steps: steps.toReversed(),
    initializers: program.initializers.filter((tensor) => needed.has(tensor.name)),
  };
}

function trimLink(link: Link, needed: ReadonlySet<string>): Link {
  const outputs = new Map([...link.outputs].filter(([, value]) => needed.has(value)));
  const { values } = reach(link.model.graph, outputs.keys(), link.inputs);
  return { ...link, outputs, inputs: new Map([...link.inputs].filter(([name]) => values.has(name))) };
}
