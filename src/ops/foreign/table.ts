/** All rules, by the domain and the name of the operator. */
import type { Node } from '../../ir/graph.ts';
import { constantRules } from './constants.ts';
import { elementwiseRules } from './elementwise.ts';
import { imageRules } from './images.ts';
import { matmulRules } from './matmul.ts';
import { microsoftRules } from './microsoft.ts';
import { layerNormalization, normalisationRules } from './normalisation.ts';
import { quantisedRules } from './quantised.ts';
import { recurrentRules } from './recurrent.ts';
import { reductionRules } from './reductions.ts';
import { reshapeRules } from './reshape.ts';
import type { Rule, Rules } from './rule.ts';
import { madeRules } from './made.ts';
import { featureRules, selectionRules } from './selection.ts';
import { valueRules } from './by-value.ts';
import { sequenceRules } from './sequences.ts';
import { signalRules } from './signal.ts';
import { textRules } from './text.ts';
import { lossRules, trainingRules } from './training.ts';
import { windowRules } from './windows.ts';

const onnx: Rules = {
  ...constantRules,
  ...elementwiseRules,
  ...imageRules,
  ...lossRules,
  ...matmulRules,
  ...normalisationRules,
  ...quantisedRules,
  ...recurrentRules,
  ...reductionRules,
  ...reshapeRules,
  ...selectionRules,
  ...sequenceRules,
  ...valueRules,
  ...madeRules,
  ...signalRules,
  ...textRules,
  ...windowRules,
  // ONNX Runtime registers it in ONNX's own domain.
  SimplifiedLayerNormalization: layerNormalization,
};

const domains: Readonly<Record<string, Rules>> = {
  '': onnx,
  'ai.onnx.ml': featureRules,
  'ai.onnx.preview.training': trainingRules,
  'com.microsoft': microsoftRules,
};

/** Undefined for operators of which nothing is known. */
export function ruleOf({ domain, op }: Pick<Node, 'domain' | 'op'>): Rule | undefined {
  const rules = Object.hasOwn(domains, domain) ? domains[domain]! : {};
  return Object.hasOwn(rules, op) ? rules[op] : undefined;
}

/** What there are rules for, as `Conv` and `com.microsoft.FusedConv`. */
export const operatorsWithRules: readonly string[] = Object.entries(domains).flatMap(([domain, rules]) => Object.keys(rules).map((op) => (domain === '' ? op : `${domain}.${op}`)));
