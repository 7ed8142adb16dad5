/** Weights that are no numbers: what is computed with them is none either. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { ForeignModel, Node } from '../../ir/graph.ts';
import { neededBy, reach } from '../../ir/needs.ts';
import type { Location } from '../../text/source.ts';
import type { Checker, NotFinite } from '../context.ts';
import type { Owned } from './weight-types.ts';

/** Warns of the tensors among these that hold NaN or an infinity. */
export function warnOfNotFinite(keys: Iterable<string>, { owner, name, file, checker }: Owned, location: Location): void {
  for (const key of keys) {
    const found = file?.notFinite(key);
    if (found !== undefined) warn(key, name, found, `read by \`${owner.name}\``, location, checker);
  }
}

/** Operators whose results are NaN or infinite where a weight of theirs is. */
const linear: ReadonlySet<string> = new Set(['BatchNormalization', 'Conv', 'ConvTranspose', 'GRU', 'Gemm', 'InstanceNormalization', 'LSTM', 'LayerNormalization', 'MatMul', 'PRelu', 'RNN']);
/** Operators that choose or compare: what they are given may be no number on purpose. */
const choosing: ReadonlySet<string> = new Set(['Equal', 'IsInf', 'IsNaN', 'Where']);
const handsOn: ReadonlySet<string> = new Set(['Cast', 'Expand', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);

/** The same of an ONNX file's own, as far as the outputs need them. An infinity is meant in a mask, but not in what is multiplied. */
export function warnOfNotFiniteModel(model: ForeignModel, outputs: readonly string[], file: string, location: Location, checker: Checker): void {
  const all = checker.files.notFinite(model);
  if (all.size === 0) return;
  const { nodes, values } = reach(model.graph, outputs, new Set());
  const readers = readersIn(model.graph.nodes.filter((_, i) => nodes.has(i)));
  for (const [key, found] of all) {
    const by = values.has(key) ? readersOf(key, readers) : [];
    const isWeight = found.value === 'NaN' ? by.some(({ op }) => !choosing.has(op)) : by.some(({ op, domain }) => domain === '' && linear.has(op));
    if (isWeight) warn(key, file, found, 'a weight of this file', location, checker);
  }
}

function readersIn(nodes: readonly Node[]): ReadonlyMap<string, readonly Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of nodes) for (const name of neededBy(node)) readers.set(name, [...(readers.get(name) ?? []), node]);
  return readers;
}

/** Who reads a tensor, as it is or turned. */
function readersOf(name: string, readers: ReadonlyMap<string, readonly Node[]>, depth = 0): readonly Node[] {
  return (readers.get(name) ?? []).flatMap((node) => (handsOn.has(node.op) && depth < 8 ? readersOf(node.outputs[0] ?? '', readers, depth + 1) : [node]));
}

function warn(key: string, file: string, { index, value, count }: NotFinite, label: string, location: Location, { diagnostics }: Checker): void {
  diagnostics.push(foreignCodes.report('weight-not-finite', { key, file, index, value, more: count - 1 }, location, {
    label,
    notes: [value === 'NaN' ? 'Whatever is computed with NaN is NaN, so that the answers say nothing. A training that diverged leaves such weights: take those of an earlier step.' : 'A training that overflowed leaves such weights, and infinity times 0 is NaN; where it is meant, as in a mask, write a large number instead.'],
  }));
}
