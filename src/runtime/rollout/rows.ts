/** Answers row by row: what drift is measured on, and how two heads are compared. */
import type { ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import type { Features } from '../serving/feature-cache.ts';
import { tensorsOf, toOutput } from '../bundle/outputs.ts';
import type { RawTensor } from '../session.ts';

/** Elements of an output that counts no classes differ from here on. */
const tolerance = 1e-3;

export type Specs = ReadonlyMap<string, ManifestTensor>;

/** The tensors of ports by their names in the file. */
export const specsOf = (ports: readonly ManifestPort[]): Specs => new Map(ports.flatMap(tensorsOf).map((spec) => [spec.onnx, spec]));

/** The rows of a tensor of an output: those of its last axis where it counts classes, else of its first. */
export function rowsOf(spec: ManifestTensor, tensor: RawTensor): readonly (readonly number[])[] {
  const numbers = Array.from(toOutput(spec, tensor).data as ArrayLike<unknown>, Number);
  const width = spec.dims.at(-1)?.classes?.length ?? Math.max(1, tensor.dims.slice(1).reduce((product, dim) => product * dim, 1));
  return Array.from({ length: Math.ceil(numbers.length / width) }, (_, row) => numbers.slice(row * width, (row + 1) * width));
}

/** Of each row whether two heads differ in it: in the highest class, or in an element. */
export function differences(specs: Specs, given: Features, found: Features): boolean[] {
  return [...given].flatMap(([name, answer]) => {
    const [spec, other] = [specs.get(name), found.get(name)];
    if (spec === undefined || other === undefined) return [];
    const others = rowsOf(spec, other);
    const counts = spec.dims.at(-1)?.classes !== undefined;
    return rowsOf(spec, answer).map((row, i) => {
      const b = others[i] ?? [];
      return counts ? row.indexOf(Math.max(...row)) !== b.indexOf(Math.max(...b)) : !row.every((value, k) => Math.abs(value - b[k]!) <= tolerance);
    });
  });
}
