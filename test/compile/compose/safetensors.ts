/** Files of weights in the format of safetensors: the header's length, the header, the bytes. */
import type { Tensor } from './interval.ts';

const kinds: Readonly<Record<string, string>> = { f16: 'F16', f32: 'F32', f64: 'F64', i32: 'I32', i64: 'I64', u8: 'U8', bool: 'BOOL' };

function bytesOf({ dtype, low }: Tensor): Uint8Array {
  if (dtype === 'f32') return new Uint8Array(Float32Array.from(low).buffer);
  if (dtype === 'f64') return new Uint8Array(Float64Array.from(low).buffer);
  if (dtype === 'i64') return new Uint8Array(BigInt64Array.from(Array.from(low, BigInt)).buffer);
  throw new Error(`weights in ${dtype}`);
}

export function safetensorsOf(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const bytes = bytesOf(tensor);
    header[name] = { dtype: kinds[tensor.dtype], shape: tensor.dims, data_offsets: [offset, offset + bytes.length] };
    parts.push(bytes);
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return new Uint8Array(Buffer.concat([length, json, ...parts]));
}
