/** A tokenizer that makes longer texts than the network behind it has positions for. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../../ir/graph.ts';
import { longestInput } from '../../ir/longest-input.ts';
import type { Checker } from '../context.ts';
import type { FilePort } from '../files/file-types.ts';
import { idsOf } from '../files/tokenizer-source.ts';
import { saysMask } from './masks.ts';

/** A warning for each input of a file whose tokenizer says that its texts may be longer: a body may cut them on the way. */
export function judgeLengths(ports: readonly FilePort[], model: ForeignModel, checker: Checker): readonly Diagnostic[] {
  const outputs = ports.filter(({ direction }) => direction !== 'input').map(({ onnx }) => onnx);
  const masks = ports.filter(({ direction, type }) => direction === 'input' && type.facts.some(saysMask)).map(({ onnx }) => onnx);
  return ports.flatMap((port) => {
    const ids = port.direction === 'input' ? idsOf(port.type, checker) : undefined;
    const length = ids?.file.longest;
    const found = length === undefined ? undefined : longestInput(model, port.onnx, masks, outputs);
    if (ids === undefined || length === undefined || found === undefined || length <= found.most) return [];
    const file = checker.host.display(ids.uri);
    const args = { tokenizer: ids.nominal.name, length, ids: port.name, most: found.most, file: checker.host.display(model.uri) };
    return [
      jointCodes.report('too-few-positions', args, port.location, {
        label: `at most ${found.most} tokens`,
        related: [{ location: ids.location, text: `${file} makes texts of up to ${length}` }],
        notes: [
          `A longer text ends the run: the positions are in "${found.table}".`,
          `Let ${file} cut texts where the network ends, \`"max_length": ${found.most}\` in its \`truncation\`, which counts special tokens too; or cut them before this call.`,
        ],
      }),
    ];
  });
}
