/** A program carried out several times in one: what one turn gives, the next one takes. */
import { verify } from '../verify.ts';
import type { Operation, Port, Program } from '../program.ts';

/** The name of a port of one turn. */
export const turnPort = (name: string, turn: number): string => `${name}@${turn}`;

/**
 * `carried` is from the name of an output to that of the input which takes it in the next turn, and `shared` names inputs that
 * are the same for all turns. Those are ports once, with their own names; all others once a turn. The program has no links.
 */
export function repeatProgram(program: Program, turns: number, carried: ReadonlyMap<string, string>, shared: ReadonlySet<string> = new Set()): Program {
  const taken = new Map([...carried].map(([output, input]) => [input, output]));
  const isGiven = (name: string): boolean => taken.has(name) || shared.has(name);
  const given = program.inputs.filter(({ name }) => isGiven(name));
  const inputs: Port[] = [...given];
  const outputs: Port[] = [];
  const steps: Operation[] = [];
  const types = new Map([...program.initializers.map(({ name }) => name), ...given.map(({ value }) => value)].map((value) => [value, program.types.get(value)!]));
  let before = new Map(given.map(({ value }) => [value, value]));
  for (let turn = 0; turn < turns; turn++) {
    const names = new Map(before);
    const rename = (value: string): string => names.get(value) ?? value;
    const own = (value: string): string => {
      const name = `${value}@${turn}`;
      names.set(value, name);
      types.set(name, program.types.get(value)!);
      return name;
    };
    for (const port of program.inputs) if (!isGiven(port.name)) inputs.push({ name: turnPort(port.name, turn), value: own(port.value) });
    for (const step of program.steps as readonly Operation[]) {
      const read = step.inputs.map(rename);
      steps.push({ ...step, name: `${step.name}@${turn}`, inputs: read, outputs: step.outputs.map(own) });
    }
    for (const port of program.outputs) if (!carried.has(port.name)) outputs.push({ name: turnPort(port.name, turn), value: rename(port.value) });
    const made = new Map(program.outputs.map((port) => [port.name, rename(port.value)]));
    before = new Map(given.map(({ name, value }) => [value, shared.has(name) ? value : made.get(taken.get(name)!)!]));
  }
  const ends = [...carried].map(([output, input]): Port => ({ name: output, value: before.get(program.inputs.find(({ name }) => name === input)!.value)! }));
  const repeated = { ...program, inputs, outputs: [...ends, ...outputs], steps, types };
  const faults = verify(repeated);
  if (faults.length > 0) throw new Error(`the repeated program of ${program.name} is malformed: ${faults.join('; ')}`);
  return repeated;
}
