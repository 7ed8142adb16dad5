/** From texts to the tensors of their inputs. Inputs that share the name of a size are padded to one length. */
import type { ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import { padTo, type TokenBatch } from '../../data/tokenizer.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { MdlRuntimeError, raise } from '../errors.ts';
import { createFactCheck, type FactCheck } from './facts.ts';
import { showType } from './sizes.ts';
import { fieldsOf, hasFact, targetOf, type Given, type Target } from './target.ts';

/** A tensor, and what tests the promises of its contract. */
export interface Tested extends Given {
  readonly check: FactCheck;
}

/** The fields of a port that takes texts. */
export type TokenFields = readonly { readonly target: Target; readonly check: FactCheck }[];

/** An input's texts as its tokenizer encoded them. */
export interface Tokenized {
  readonly port: ManifestPort;
  readonly fields: TokenFields;
  readonly batch: TokenBatch;
}

/** A tokenizer knows neither how long texts may be that a contract takes, nor on which side it is to fill them up: what it makes is tested, too. */
export const tokenFields = (port: ManifestPort): TokenFields =>
  fieldsOf(port).map(([field, spec]) => {
    const target = targetOf(field, port.contract, spec);
    const check = createFactCheck(target);
    return { target, check: (tensor) => ofTexts(port.name, () => check(tensor)) };
  });

function ofTexts(port: string, test: () => void): void {
  try {
    test();
  } catch (error) {
    if (!(error instanceof MdlRuntimeError)) throw error;
    raise({ ...error.finding, notes: [...error.finding.notes, `It is what the tokenizer makes of the texts that were given as \`${port}\`.`] });
  }
}

/** The axis of a batch that counts tokens. */
const tokenAxis = 1;

/**
 * The tensors of tokenized inputs. `seq` is one size in all inputs that name it, so the shorter batches are padded to
 * the longest, to a tensor that was `given` as such, or to the number that the declaration has in the name's place.
 */
export function readTokenized(tokenized: readonly Tokenized[], given: readonly Given[]): readonly Tested[] {
  const longest = new Map<string, number>();
  const note = (spec: ManifestTensor, axis: number, found: number | undefined): void => {
    const size = spec.dims[axis]?.size;
    if (typeof size === 'string' && found !== undefined) longest.set(size, Math.max(longest.get(size) ?? 0, found));
  };
  for (const { target, tensor } of given) for (const axis of tensor.dims.keys()) note(target.spec, axis, tensor.dims[axis]);
  for (const { port, batch } of tokenized) for (const [, spec] of fieldsOf(port)) note(spec, tokenAxis, batch.dims[1]);
  return tokenized.flatMap(({ port, fields, batch }) => tensorsOf(port, fields, lengthen(port, batch, longest)));
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
function tensorsOf(port: ManifestPort, fields: TokenFields, batch: TokenBatch): readonly Tested[] {
  return fields.map(({ target, check }) => {
    const { spec } = target;
    const data = hasFact(spec, 'tokenizer') ? batch.ids : hasFact(spec, 'mask') || hasFact(spec, 'prefix_mask') ? batch.mask : undefined;
    if (data === undefined || (target.dtype !== 'i64' && target.dtype !== 'i32')) {
      const found =
        data === undefined ? 'a tokenizer makes ids and a mask only' : 'a tokenizer makes whole numbers of i64 or i32';
      raise(runtimeCodes.finding('input-text', { field: target.field, contract: port.contract, expected: showType(spec), found }, [`Give tensors instead of texts: \`{ ${Object.keys(port.fields ?? {}).join(', ')} }\`.`]));
    }
    const typed = target.dtype === 'i32' ? Int32Array.from(data, Number) : data;
    return { target, check, tensor: { dtype: target.dtype, data: typed, dims: batch.dims } };
  });
}
