/** An app of one file whose encoder is an ONNX file, with one that may take its place, for `mdl upgrade`. */
import { expect } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { encodeModel, floats, node, valueInfo } from '../onnx/models.ts';
import { jsonl, world } from './made-world.ts';

/** Answers with 16 of the 32 numbers that it is given, from the place `first` on, and with twice these. */
export const encoder = (first: number): Uint8Array =>
  encodeModel({
    node: [node('MatMul', ['z', 'w'], ['embedding']), node('Add', ['embedding', 'embedding'], ['twice'])],
    initializer: [floats('w', [32, 16], Array.from({ length: 32 * 16 }, (_, at) => (Math.floor(at / 16) === first + (at % 16) ? 1 : 0)))],
    input: [valueInfo('z', ['batch', 32])],
    output: [valueInfo('embedding', ['batch', 16]), valueInfo('twice', ['batch', 16])],
  });

/** The head and the fit of such an app, whose backbone is `Left`. */
export const learnedHead = {
  labels: 'space lefts @ 1.0.0\nlabels Kind = ["a", "b", "c", "d"]\n',
  head: `head Tell(e: LeftVector) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1
  weights "./tell.safetensors" = learned
{
  e |> linear(out: Kind) |> softmax
}
`,
  fit: `fit Tell {
  data d = "./heads.jsonl"
  loss cross_entropy(Tell(Left(d.z).embedding), d.label)
  method prototypes
}
`,
};

/** A folder with `app.mdl`, its head fitted, and the files `left.onnx`, `right.onnx`, `pairs.jsonl` and `held.jsonl`. */
export async function projectOf(app: string): Promise<{ readonly path: string; readonly remove: () => void }> {
  const made = createFolder({
    'package.json': '{ "name": "one-file" }', 'app.mdl': app, 'left.onnx': encoder(16), 'right.onnx': encoder(0),
    'heads.jsonl': jsonl(world(400, 1)), 'pairs.jsonl': jsonl(world(400, 2)), 'held.jsonl': jsonl(world(900, 3)),
  });
  expect(await mdl(made.path, ['fit', 'app.mdl'])).toMatchObject({ code: 0 });
  return made;
}
