/** Operators that ONNX has at the model's opset, and ONNX Runtime 1.30 cannot run there: it knows only their older versions. */
import type { Program } from '../ir/program.ts';

/** By operator, the version from which there is no kernel. Found by running each: test/onnx/convert-unchanged.test.ts. */
export const withoutKernel: Readonly<Record<string, number>> = {
  Bernoulli: 22,
  GlobalLpPool: 22,
  MaxRoiPool: 22,
  Multinomial: 22,
  RandomNormal: 22,
  RandomNormalLike: 22,
  RandomUniform: 22,
  RandomUniformLike: 22,
  RoiAlign: 22,
};

/** A sentence for each such operator of the main graphs. */
export function describeKernelGaps({ steps, opsets }: Program): readonly string[] {
  const opset = opsets.get('') ?? 0;
  const nodes = steps.flatMap((step) => (step.kind === 'link' ? step.model.graph.nodes : [step]));
  const lacking = new Set(nodes.filter(({ op, domain }) => domain === '' && opset >= (withoutKernel[op] ?? Infinity)).map(({ op }) => op));
  return [...lacking].map((op) => `ONNX Runtime 1.30 cannot run ${op} of opset ${opset}: it has no kernel of ${op} from ${withoutKernel[op]} on, and the model will not open there. Backbones of an older opset keep it below.`);
}
