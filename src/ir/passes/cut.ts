/** The part of a program between some of its values: these are its inputs then, whatever made them. */
import type { Link, Operation, Port, Program } from '../program.ts';
import { dropUnused } from './drop-unused.ts';

export function cutProgram(program: Program, inputs: readonly Port[], outputs: readonly Port[]): Program {
  const given = new Set(inputs.map((port) => port.value));
  return dropUnused({
    ...program,
    inputs,
    outputs,
    steps: program.steps.flatMap((step) => withoutGiven(step, given)),
    initializers: program.initializers.filter(({ name }) => !given.has(name)),
  });
}

/** A linked graph can do without making one of its outputs; an operation that makes one that is given is left out whole. */
function withoutGiven(step: Operation | Link, given: ReadonlySet<string>): readonly (Operation | Link)[] {
  if (step.kind === 'operation') return step.outputs.some((value) => given.has(value)) ? [] : [step];
  return [{ ...step, outputs: new Map([...step.outputs].filter(([, value]) => !given.has(value))) }];
}
