/** Nodes that a provider of ONNX Runtime takes and then fails at: the runtime leaves them to the CPU. */
import type { Node } from '../ir/graph.ts';
import type { Program } from '../ir/program.ts';

interface Gap {
  readonly provider: string;
  readonly op: string;
  readonly has: (node: Node) => boolean;
}

/** As of ONNX Runtime 1.30; test/stdlib/webgpu.test.ts fails where one is missing. */
const gaps: readonly Gap[] = [
  // "The antialias attribute of Resize operator is NOT implemented", when the node runs.
  { provider: 'webgpu', op: 'Resize', has: (node) => isSet(node, 'antialias') },
];

function isSet({ attributes }: Node, name: string): boolean {
  const attribute = attributes.get(name);
  return attribute?.type === 'int' && attribute.value !== 0n;
}

/** Names of nodes, by provider; undefined where every provider runs what it takes. */
export function leftToCpu(program: Program): Readonly<Record<string, readonly string[]>> | undefined {
  const nodes = program.steps.flatMap((step) => (step.kind === 'link' ? step.model.graph.nodes : [step]));
  const found: Record<string, string[]> = {};
  for (const { provider, op, has } of gaps) {
    const names = nodes.filter((node) => node.op === op && node.domain === '' && node.name !== '' && has(node)).map(({ name }) => name);
    if (names.length > 0) (found[provider] ??= []).push(...names);
  }
  return Object.keys(found).length === 0 ? undefined : found;
}
