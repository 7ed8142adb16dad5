/** A compilation as plain data, to compare those of two compilers. */
import type { Compilation } from '../../src/compile.ts';

/** What a user sees of a check. */
export const seen = ({ diagnostics, models, foreign, identities, weights, tools, unfitted, signatures, values, sources, explain, explainable }: Compilation) => ({
  diagnostics: diagnostics.map(({ code, message, location, related, notes, fixes }) => ({ code, message, location, related, notes, fixes })),
  models: models.map(({ name, inputs, outputs, joints, files, tokenizers, budget, guards, demands, places, states, program }) => ({
    name, inputs, outputs, joints, files, tokenizers, budget, guards, demands, places, states,
    steps: program.steps.map((step) => (step.kind === 'operation' ? [step.op, step.name, step.inputs, step.outputs, step.attributes, step.origin] : [step.name, step.origin])),
    initializers: program.initializers.map((tensor) => [tensor.name, tensor.dims]),
    types: program.types,
  })),
  foreign,
  identities: identities.map(({ bodies, ...identity }) => ({ ...identity, bodies: bodies?.map(({ graph, ...body }) => ({ ...body, graph: graph() })) })),
  weights: weights.map(({ owner, uri, learned, present, parameters }) => [owner.name, uri, learned, present, parameters]),
  tools: tools.map((tool) => tool.kind),
  unfitted: unfitted.map(({ name, missing }) => [name, missing.map((d) => d.message)]),
  signatures: [...signatures.keys()].map((symbol) => `${symbol.module.uri} ${symbol.name}`),
  values: [...values].map(([node, value]) => [node.kind, node.span, value.kind]),
  sources: [...sources.keys()],
  explained: explainable().map((target) => {
    const explanation = explain(target);
    return [target, explanation?.location, explanation?.type, explanation?.steps.length];
  }),
});
