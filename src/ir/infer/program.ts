/** Inference over a program: our operators, and in them the linked graphs, all over the sizes of the program's inputs. */
import { knownOfTensor } from '../../ops/foreign/constants.ts';
import { nothing, type Known } from '../../ops/foreign/known.ts';
import { substituteDim, symbolDim, type Dim } from '../../types/dim.ts';
import type { Graph, TensorInfo } from '../graph.ts';
import { reach } from '../needs.ts';
import type { Link, Program } from '../program.ts';
import { inferScope, visitNode } from './index.ts';
import { openScope, startInference, type Scope } from './scope.ts';

/** What a link takes of its file, and what is found in it there. */
export interface LinkedGraph {
  readonly graph: Graph;
  readonly scope: Scope;
}

export interface InferredProgram {
  readonly scope: Scope;
  readonly links: ReadonlyMap<Link, LinkedGraph>;
}

export function inferProgram(program: Program): InferredProgram {
  const scope = openScope(program.opsets);
  const inference = startInference({ uri: program.name, functions: [] });
  const links = new Map<Link, LinkedGraph>();
  const set = (name: string, known: Known): void => void scope.entries.set(name, { known, evidence: 'inferred' });
  for (const tensor of program.initializers) set(tensor.name, knownOfTensor(tensor));
  for (const { value } of program.inputs) set(value, withTypes(nothing, program.types.get(value)));
  for (const step of program.steps) {
    if (step.kind === 'operation') {
      visitNode(step, scope, inference, (name, entry) => ({ ...entry, known: withTypes(entry.known, program.types.get(name)) }));
      continue;
    }
    const linked = inferLink(step, scope);
    links.set(step, linked);
    for (const [onnx, value] of step.outputs) set(value, withTypes(linked.scope.entries.get(onnx)?.known ?? nothing, program.types.get(value)));
  }
  return { scope, links };
}

function inferLink(link: Link, around: Scope): LinkedGraph {
  const { graph } = link.model;
  const { nodes, values } = reach(graph, link.outputs.keys(), link.inputs);
  const reached: Graph = {
    ...graph,
    inputs: [...link.inputs.keys()],
    outputs: [...link.outputs.keys()],
    nodes: graph.nodes.filter((_, i) => nodes.has(i)),
    initializers: new Map([...graph.initializers].filter(([name]) => values.has(name) && !link.inputs.has(name))),
    // The file's word is over names of its own.
    types: new Map(),
  };
  const inputs = new Map([...link.inputs].map(([onnx, value]) => [onnx, around.entries.get(value)?.known ?? nothing]));
  // Sizes that nobody named are told apart by where they are from, and a file may be linked twice.
  return { graph: reached, scope: inferScope({ ...link.model, uri: `${link.model.uri}#${link.name}`, graph: reached }, { inputs }) };
}

/** What the checker knows comes first. */
function withTypes(known: Known, info: TensorInfo | undefined): Known {
  if (info?.dims === undefined) return { ...known, dtype: known.dtype ?? info?.dtype };
  const dims = info.dims.map(atLeastOne);
  return known.dims?.length === dims.length ? { ...known, dtype: info.dtype ?? known.dtype, dims } : { dtype: info.dtype ?? known.dtype, dims };
}

/** Sizes of a run are taken to be at least 1, as those of a file's inputs are. */
const atLeastOne = (dim: Dim): Dim => substituteDim(dim, (symbol) => (symbol.atom === undefined ? symbolDim({ ...symbol, least: Math.max(1, symbol.least ?? 0) }) : undefined));
