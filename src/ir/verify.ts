/** The verifier: what every pass may rely on, and must leave true. It runs after each of them. */
import { bytesOf } from '../types/dtype.ts';
import { definedIn, neededBy, reach } from './needs.ts';
import type { Link, Program } from './program.ts';

/**
 * Everything in which a program is not well formed, one sentence each; [] for a sound one. A finding here is a fault of
 * the compiler, never of its user.
 */
export function verify(program: Program): string[] {
  const faults: string[] = [];
  const made = new Set<string>();
  const make = (value: string, by: string): void => {
    if (value === '') faults.push(`${by} makes a value without a name`);
    else if (made.has(value)) faults.push(`${by} makes \`${value}\`, which is made before`);
    made.add(value);
    if (!program.types.has(value)) faults.push(`nothing is known of the type of \`${value}\``);
  };
  const use = (value: string, by: string): void => {
    if (!made.has(value)) faults.push(`${by} uses \`${value}\` before it is made`);
  };

  for (const port of program.inputs) make(port.value, `the input ${port.name}`);
  for (const tensor of program.initializers) {
    make(tensor.name, 'an initializer');
    const elements = tensor.dims.reduce((product, dim) => product * dim, 1);
    if (tensor.bytes === undefined) faults.push(`the initializer \`${tensor.name}\` has no bytes`);
    else if (tensor.bytes.length !== bytesOf(tensor.dtype, elements)) {
      faults.push(`the initializer \`${tensor.name}\` has ${tensor.bytes.length} bytes for ${elements} elements of ${tensor.dtype}`);
    }
  }
  const names = new Set<string>();
  for (const step of program.steps) {
    if (names.has(step.name)) faults.push(`two steps are called ${step.name}`);
    names.add(step.name);
    if (step.kind === 'link') faults.push(...unknownPorts(step));
    for (const value of step.kind === 'link' ? step.inputs.values() : neededBy(step)) use(value, step.name);
    for (const value of step.kind === 'link' ? step.outputs.values() : step.outputs) make(value, step.name);
  }
  if (program.outputs.length === 0) faults.push('the program has no output');
  for (const port of program.outputs) use(port.value, `the output ${port.name}`);
  faults.push(...repeatedPorts(program));
  return faults;
}

function unknownPorts(link: Link): string[] {
  const { graph, uri } = link.model;
  const known = definedIn(graph);
  const feeds = [...link.inputs.keys()].filter((name) => !known.has(name)).map((name) => `${link.name} feeds \`${name}\`, which is no tensor of ${uri}`);
  const gives = [...link.outputs.keys()].flatMap((name) => {
    if (!known.has(name)) return [`${link.name} takes \`${name}\`, which is no tensor of ${uri}`];
    return link.inputs.has(name) && !graph.inputs.includes(name) && !graph.initializers.has(name) ? [`${link.name} gives \`${name}\`, which it is fed`] : [];
  });
  const { values } = reach(graph, link.outputs.keys(), link.inputs);
  const unfed = graph.inputs.filter((name) => values.has(name) && !link.inputs.has(name));
  return [...feeds, ...gives, ...unfed.map((name) => `${link.name} lacks the input \`${name}\` of ${uri}`)];
}

function repeatedPorts(program: Program): string[] {
  const names = [...program.inputs, ...program.outputs].map((port) => port.name);
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map((name) => `two ports are called ${name}`);
}
