/** Recurrent layers: [length, batch, width], or with `layout` 1 [batch, length, width]. */
import { intDim } from '../../types/dim.ts';
import { known } from './known.ts';
import { alike, dimsAt, dtypeAt, hasAttribute, intOf, textOf, type Rule, type Rules } from './rule.ts';

const recurrent: Rule = (call) => {
  const dtype = dtypeAt(call, 0);
  const sequence = dimsAt(call, 0);
  const recurrence = dimsAt(call, 2);
  const directions = intDim(textOf(call, 'direction', 'forward') === 'bidirectional' ? 2 : 1);
  const hidden = hasAttribute(call, 'hidden_size') ? intDim(intOf(call, 'hidden_size', 0)) : (recurrence?.[2] ?? call.size());
  const isBatchFirst = intOf(call, 'layout', 0) === 1;
  const [a = call.size(), b = call.size()] = sequence ?? [];
  const batch = isBatchFirst ? a : b;
  const all = isBatchFirst ? [a, b, directions, hidden] : [a, directions, b, hidden];
  const last = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [known(dtype, all), known(dtype, last), known(dtype, last)];
};

export const recurrentRules: Rules = alike(recurrent, 'RNN', 'GRU', 'LSTM');
