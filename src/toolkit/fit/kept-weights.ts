/** Weights that a file of an earlier fit holds: what a frozen layer keeps. */
import type { OwnedParameter, OwnedWeights } from '../../check/model.ts';
import { dataCodes } from '../../diagnostics/codes/data.ts';
import { succeed } from '../../diagnostics/diagnostic.ts';
import { readSafetensors } from '../../data/safetensors.ts';
import { withSource, type Host } from '../../host/host.ts';

export interface KeptWeights {
  /** Those parameters, by their paths, that the file has in their size. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Those that it has otherwise: how, `f32[24, 32]`. */
  readonly others: ReadonlyMap<string, string>;
}

/** Nothing of either where there is no file that can be read. */
export function keptWeights({ uri }: OwnedWeights, parameters: readonly OwnedParameter[], host: Host): KeptWeights {
  const others = new Map<string, string>();
  if (parameters.length === 0) return { weights: new Map(), others };
  const read = withSource(host, uri, (source) => {
    const file = readSafetensors(source);
    if (!file.ok) return file;
    return succeed(new Map(parameters.flatMap(({ path, key, dims, transposed }): [string, Float32Array][] => {
      const tensor = file.value.tensors.find(({ name }) => name === key);
      const stored = transposed ? dims.toReversed() : dims;
      if (tensor === undefined) return [];
      if (tensor.dtype !== 'f32' || tensor.dims.join() !== stored.join()) {
        others.set(path, `${tensor.dtype}[${tensor.dims.join(', ')}]`);
        return [];
      }
      const bytes = source.read(tensor.offset, tensor.length);
      const data = new Float32Array(Uint8Array.from(bytes).buffer);
      return [[path, transposed ? turned(data, stored) : data]];
    })));
  }, (file, reason) => dataCodes.finding('data-unreadable', { file, reason }));
  return { weights: read.ok ? read.value : new Map(), others };
}

/** A matrix with its axes the other way round. */
export function turned(data: Float32Array, [rows = 1, columns = 1]: readonly number[]): Float32Array {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!;
  return result;
}
