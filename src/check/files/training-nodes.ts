/** Nodes of an ONNX file that compute as they do in training: exported without `model.eval()`. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel, Graph, Node } from '../../ir/graph.ts';
import { functionKey } from '../../ir/infer/scope.ts';
import { reach } from '../../ir/needs.ts';
import type { Location } from '../../text/source.ts';

/** A warning for the first of those that the outputs need. */
export function reportTraining(model: ForeignModel, outputs: readonly string[], file: string, source: Location): Diagnostic[] {
  const { nodes } = reach(model.graph, outputs, new Set());
  const found = allNodes(model.graph.nodes.filter((_, i) => nodes.has(i)), model).flatMap(({ node, graph }) => {
    const does = inTraining(node, (name) => isTrue(name, graph));
    return does === undefined ? [] : [{ node, does }];
  });
  const [first] = found;
  if (first === undefined) return [];
  const args = { file, node: first.node.name || first.node.outputs[0] || '', operator: first.node.op, does: first.does, more: found.length - 1 };
  return [foreignCodes.report('file-training', args, source, {
    label: 'exported as it was trained',
    notes: ['Export it again for inference: `model.eval()` before `torch.onnx.export`, and no `training=TrainingMode.TRAINING`. Features, bridges and verdicts that are measured of it as it is hold for no other run.'],
  })];
}

/** What a node does that it is not to do when nothing is learned; undefined for others. */
function inTraining({ domain, op, attributes, inputs }: Node, isSet: (name: string) => boolean): string | undefined {
  if (domain !== '') return undefined;
  const mode = attributes.get('training_mode');
  if (op === 'BatchNormalization' && mode?.type === 'int' && mode.value === 1n) return 'normalises by the mean and the deviation of each batch, so that an answer depends on its neighbours';
  return op === 'Dropout' && inputs[2] !== undefined && isSet(inputs[2]) ? 'drops features at random wherever a runtime does not leave it out' : undefined;
}

/** Whether a boolean is a constant that says yes. */
function isTrue(name: string, graph: Graph): boolean {
  const { bytes } = graph.initializers.get(name) ?? {};
  if (bytes instanceof Uint8Array) return bytes[0] === 1;
  const constant = graph.nodes.find(({ op, outputs }) => op === 'Constant' && outputs[0] === name)?.attributes.get('value');
  return constant?.type === 'tensor' && constant.value.bytes instanceof Uint8Array && constant.value.bytes[0] === 1;
}

/** With those of branches, loops and the functions that are called. */
function allNodes(nodes: readonly Node[], model: ForeignModel): readonly { readonly node: Node; readonly graph: Graph }[] {
  const functions = new Map(model.functions.map(({ domain, name, overload, graph }) => [functionKey(domain, name, overload), graph]));
  const seen = new Set<Graph>();
  const found: { readonly node: Node; readonly graph: Graph }[] = [];
  const visit = (some: readonly Node[], graph: Graph): void => {
    for (const node of some) {
      found.push({ node, graph });
      const inner = [functions.get(functionKey(node.domain, node.op, node.overload)), ...[...node.attributes.values()].map((attribute) => (attribute.type === 'graph' ? attribute.value : undefined))];
      for (const body of inner) {
        if (body === undefined || seen.has(body)) continue;
        seen.add(body);
        visit(body.nodes, body);
      }
    }
  };
  visit(nodes, model.graph);
  return found;
}
