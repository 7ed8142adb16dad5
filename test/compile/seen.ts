/** A compilation as plain data, to compare those of two compilers. */
import type { Compilation } from '../../src/compile.ts';

/** What a user sees of a check. */
export const seen = ({ diagnostics, models, foreign, identities, weights, tools, unfitted, signatures, values, sources }: Compilation) => ({
  diagnostics: diagnostics.map(({ code, message, location, related, notes, fixes }) => ({ code, message, location, related, notes, fixes })),
  models: models.map(({ name, inputs, outputs, joints, files, tokenizers, program }) => ({
    name, inputs, outputs, joints, files, tokenizers,
    steps: program.steps.map((step) => (step.kind === 'operation' ? [step.op, step.name, step.inputs, step.origin] : [step.name, step.origin])),
    initializers: program.initializers.map((tensor) => [tensor.name, tensor.dims]),
  })),
  foreign, identities,
  weights: weights.map(({ owner, uri, learned, present, parameters }) => [owner.name, uri, learned, present, parameters]),
  tools: tools.map((tool) => tool.kind),
  unfitted: unfitted.map(({ name, missing }) => [name, missing.map((d) => d.message)]),
  signatures: [...signatures.keys()].map((symbol) => `${symbol.module.uri} ${symbol.name}`),
  values: [...values].map(([node, value]) => [node.kind, node.span, value.kind]),
  sources: [...sources.keys()],
});
