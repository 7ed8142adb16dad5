/** From texts to the tensors of their inputs. Inputs that share the name of a size are padded to one length. */
import type { ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import { padTo, type TokenBatch } from '../../data/tokenizer.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';
import { showType } from './sizes.ts';
import { fieldsOf, hasFact, targetOf, type Given } from './target.ts';

/** An input's texts as its tokenizer encoded them. */
export interface Tokenized {
  readonly port: ManifestPort;
  readonly batch: TokenBatch;
}

/** The axis of a batch that counts tokens. */
const tokenAxis = 1;

/**
 * The tensors of tokenized inputs. `seq` is one size in all inputs that name it, so the shorter batches are padded to
 * the longest, to a tensor that was `given` as such, or to the number that the declaration has in the name's place.
 */
export function readTokenized(tokenized: readonly Tokenized[], given: readonly Given[]): readonly Given[] {
  const longest = new Map<string, number>();
  const note = (spec: ManifestTensor, axis: number, found: number | undefined): void => {
    const size = spec.dims[axis]?.size;
    if (typeof size === 'string' && found !== undefined) longest.set(size, Math.max(longest.get(size) ?? 0, found));
  };
  for (const { target, tensor } of given) for (const axis of tensor.dims.keys()) note(target.spec, axis, tensor.dims[axis]);
  for (const { port, batch } of tokenized) for (const [, spec] of fieldsOf(port)) note(spec, tokenAxis, batch.dims[1]);
  return tokenized.flatMap(({ port, batch }) => tensorsOf(port, lengthen(port, batch, longest)));
}

function lengthen(port: ManifestPort, batch: TokenBatch, longest: ReadonlyMap<string, number>): TokenBatch {
  const lengths = fieldsOf(port).map(([, spec]) => {
    const size = spec.dims[tokenAxis]?.size ?? 0;
    return typeof size === 'number' ? size : (longest.get(size) ?? 0);
  });
  const padded = padTo(batch, Math.max(batch.dims[1], ...lengths));
  if (padded.ok) return padded.value;
  return raise({ ...padded.finding, notes: [...padded.finding.notes, `It was given as \`${port.name}\`.`] });
}

/** The arrays as the port's fields: ids where the contract says `tokenizer`, the mask where it says `mask`. */
function tensorsOf(port: ManifestPort, batch: TokenBatch): readonly Given[] {
  return fieldsOf(port).map(([field, spec]) => {
    const target = targetOf(field, port.contract, spec);
    const data = hasFact(spec, 'tokenizer') ? batch.ids : hasFact(spec, 'mask') || hasFact(spec, 'prefix_mask') ? batch.mask : undefined;
    if (data === undefined || (target.dtype !== 'i64' && target.dtype !== 'i32')) {
      const found =
        data === undefined ? 'a tokenizer makes ids and a mask only' : 'a tokenizer makes whole numbers of i64 or i32';
      raise(runtimeCodes.finding('input-text', { field, contract: port.contract, expected: showType(spec), found }));
    }
    const typed = target.dtype === 'i32' ? Int32Array.from(data, Number) : data;
    return { target, tensor: { dtype: target.dtype, data: typed, dims: batch.dims } };
  });
}
