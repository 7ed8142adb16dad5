import type { ByteSource } from '../../src/host/host.ts';

/** A file in memory. */
export const memorySource = (bytes: Uint8Array, uri = 'memory:///file'): ByteSource => ({
  uri,
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  close: () => {},
});
