/** What `mdl inspect --inner` says of branches, the bodies of loops, and local functions at each of their calls. */
import type { ForeignModel, Graph, Node } from '../../ir/graph.ts';
import type { Known } from '../../ops/foreign/known.ts';
import type { FactFrame, FactsOf } from '../../ir/infer/facts.ts';
import type { Entry, InferenceEvidence, Scope } from '../../ir/infer/scope.ts';

export interface BodyTensor {
  readonly name: string;
  readonly known: Known;
  readonly evidence: InferenceEvidence;
}

export interface Body {
  /** The nodes in which it lies, from the main graph on: `If "/when" then_branch`. */
  readonly path: readonly string[];
  readonly graph: Graph;
  /** What it defines itself, its inputs first; constants are left out. */
  readonly tensors: readonly BodyTensor[];
  /** What is known of their values, of a loop's in each turn; undefined where there was no time for it. */
  readonly factsOf: FactsOf | undefined;
}

/** A function may be called thousands of times. */
const mostBodies = 1000;

/** `facts` is of the model's main graph. */
export function bodiesOf({ functions }: ForeignModel, { bodies }: Scope, facts: FactFrame): readonly Body[] {
  const found: Body[] = [];
  const visit = (scope: Scope['bodies'], frame: FactFrame | undefined, path: readonly string[]): void => {
    for (const [node, inner] of scope) {
      for (const [graph, its] of inner) {
        if (found.length === mostBodies) return;
        const own = [...path, `${node.op} "${node.name || (node.outputs.find((name) => name !== '') ?? '')}"${suffix(node, graph, functions)}`];
        const inside = frame?.insideOf(node, graph);
        found.push({ path: own, graph, tensors: tensorsOf(graph, its.entries), factsOf: inside?.ask });
        visit(its.bodies, inside, own);
      }
    }
  };
  visit(bodies, facts, []);
  return found;
}

/** ` then_branch`; nothing for a function, which the node is named after. */
function suffix({ attributes }: Node, graph: Graph, functions: ForeignModel['functions']): string {
  if (functions.some((one) => one.graph === graph)) return '';
  const name = [...attributes].find(([, attribute]) => attribute.type === 'graph' && attribute.value === graph)?.[0];
  return name === undefined ? '' : ` ${name}`;
}

function tensorsOf(graph: Graph, entries: ReadonlyMap<string, Entry>): readonly BodyTensor[] {
  const names = new Set([...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)].filter((name) => name !== ''));
  return [...names].flatMap((name) => {
    const entry = entries.get(name);
    return entry === undefined ? [] : [{ name, known: entry.known, evidence: entry.evidence }];
  });
}
