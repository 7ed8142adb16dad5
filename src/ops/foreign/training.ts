/** Losses and optimisers: graphs exported for training. */
import { known } from './known.ts';
import { dimsAt, dtypeAt, textOf, type Rule, type RuleCall, type Rules } from './rule.ts';

/** One number, or without a reduction one for each label. */
const loss = (call: RuleCall) => known(dtypeAt(call, 0), textOf(call, 'reduction', 'mean') === 'none' ? dimsAt(call, 1) : []);
const negativeLogLikelihood: Rule = (call) => [loss(call)];
const crossEntropy: Rule = (call) => [loss(call), known(dtypeAt(call, 0), dimsAt(call, 0))];

/** Rate and step count, then the tensors, their gradients and `states` tensors of state for each; outputs are new tensors and new states. */
const optimiser =
  (states: number): Rule =>
  (call) => {
    const count = Math.floor((call.inputs.length - 2) / (2 + states));
    const at = (group: number, i: number) => call.inputs[2 + group * count + i];
    return [0, ...Array.from({ length: states }, (_, s) => 2 + s)].flatMap((group) => Array.from({ length: count }, (_, i) => at(group, i)).map((t) => known(t?.dtype, t?.dims)));
  };

/** Derivatives by the first inputs, each like its input. */
const gradient: Rule = (call) => call.node.outputs.map((_, i) => known(dtypeAt(call, i), dimsAt(call, i)));

export const lossRules: Rules = { NegativeLogLikelihoodLoss: negativeLogLikelihood, SoftmaxCrossEntropyLoss: crossEntropy };
/** Of the domain ai.onnx.preview.training. */
export const trainingRules: Rules = { Adagrad: optimiser(1), Adam: optimiser(2), Gradient: gradient, Momentum: optimiser(1) };
