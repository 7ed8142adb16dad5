/** Recurrent layers: [length, batch, width], or with `layout` 1 [batch, length, width]. */
import { intDim } from '../../types/dim.ts';
import { simplest } from './broadcast.ts';
import { known } from './known.ts';
import { alike, dimsAt, dtypeAt, hasAttribute, intOf, textOf, type Rule, type Rules } from './rule.ts';

const recurrent: Rule = (call) => {
  const dtype = dtypeAt(call, 0) ?? dtypeAt(call, 1);
  const [sequence, recurrence, first] = [dimsAt(call, 0), dimsAt(call, 2), dimsAt(call, 5)];
  const directions = intDim(textOf(call, 'direction', 'forward') === 'bidirectional' ? 2 : 1);
  const hidden = hasAttribute(call, 'hidden_size') ? intDim(intOf(call, 'hidden_size', 0)) : (recurrence?.[2] ?? call.size());
  const isBatchFirst = intOf(call, 'layout', 0) === 1;
  const [length = call.size(), ofSequence] = isBatchFirst ? [sequence?.[1], sequence?.[0]] : [sequence?.[0], sequence?.[1]];
  // The first states have a row for each of the batch.
  const ofStates = first?.[isBatchFirst ? 0 : 1];
  const batch = ofSequence === undefined || ofStates === undefined ? (ofSequence ?? ofStates ?? call.size()) : simplest(ofSequence, ofStates);
  const all = isBatchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden];
  const last = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [known(dtype, all), known(dtype, last), known(dtype, last)];
};

export const recurrentRules: Rules = alike(recurrent, 'RNN', 'GRU', 'LSTM');
