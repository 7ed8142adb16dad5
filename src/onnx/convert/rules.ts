/**
 * Which operators changed at which version such that a node of before must be written otherwise. Every other change
 * of ONNX's operators from 7 to 26 lets the old nodes mean what they meant: more types, a new attribute or input whose
 * default is the old behaviour, a new mode.
 */
import { axesToInput, countSplits, dftAxisToInput, kToInput, rangesToInputs, renameGridModes, splitToInput } from './axes.ts';
import { boundsToInputs, padsToInputs } from './clip.ts';
import { dropMask, dropRatio, refuseTraining, scaleByChannel, statisticsByChannel } from './normalization.ts';
import { eitherScalesOrSizes, resizeByScaleAlone, scalesToInput, upsampleToResize } from './resize.ts';
import { change, Refusal, string, type Rule } from './rule.ts';
import { softmaxAlongOneAxis } from './softmax.ts';

/** A domain's rules, and the versions between which they are complete. */
export interface RuleSet {
  readonly oldest: number;
  readonly newest: number;
  /** By operator, then by the version that changed it. */
  readonly rules: Readonly<Record<string, Readonly<Record<number, Rule>>>>;
}

const refuse =
  (reason: string): Rule =>
  () => {
    throw new Refusal(reason);
  };

const reduction = { 18: axesToInput };

const onnx: RuleSet = {
  oldest: 7,
  newest: 26,
  rules: {
    BatchNormalization: { 9: statisticsByChannel, 14: refuseTraining },
    Clip: { 11: boundsToInputs },
    DFT: { 20: dftAxisToInput },
    Dropout: { 10: dropMask, 12: dropRatio },
    GridSample: { 20: renameGridModes },
    GroupNormalization: { 21: scaleByChannel },
    Hardmax: { 13: softmaxAlongOneAxis },
    LogSoftmax: { 13: softmaxAlongOneAxis },
    Pad: { 11: padsToInputs },
    ReduceL1: reduction,
    ReduceL2: reduction,
    ReduceLogSum: reduction,
    ReduceLogSumExp: reduction,
    ReduceMax: reduction,
    ReduceMean: reduction,
    ReduceMin: reduction,
    ReduceProd: reduction,
    ReduceSum: { 13: axesToInput },
    ReduceSumSquare: reduction,
    Resize: { 11: resizeByScaleAlone, 13: eitherScalesOrSizes },
    // Corners were at pixels' centres less one half, and the default moved away from there.
    RoiAlign: {
      16: (node) =>
        node.attributes.has('coordinate_transformation_mode')
          ? [node]
          : [change(node, { attributes: { coordinate_transformation_mode: string('output_half_pixel') } })],
    },
    Scan: { 9: refuse('until 9 it scanned batches of sequences of different lengths') },
    Scatter: { 11: (node) => [change(node, { op: 'ScatterElements' })] },
    Slice: { 10: rangesToInputs },
    Softmax: { 13: softmaxAlongOneAxis },
    Split: { 13: splitToInput, 18: countSplits },
    Squeeze: { 13: axesToInput },
    TopK: { 10: kToInput },
    Unsqueeze: { 13: axesToInput },
    Upsample: { 9: scalesToInput, 10: upsampleToResize },
  },
};

const classical: RuleSet = {
  oldest: 1,
  newest: 5,
  rules: { LabelEncoder: { 2: refuse('until 2 it knew only texts, in the order of a list') } },
};

/** Rules by domain; "" is ONNX's own. Domains that are not here have no known history. */
export const ruleSets: ReadonlyMap<string, RuleSet> = new Map([
  ['', onnx],
  ['ai.onnx.ml', classical],
]);
