/**
 * Digests of large files by their parts: a part that is a whole block of a source file has the digest of that block, which
 * need not be taken again when the block is copied once more. Where a part begins depends on the content alone, so equal
 * files made from equal sources have equal parts on any machine.
 */
import { createHash, type Hash } from 'node:crypto';

/** Blocks of source files begin at multiples of this. */
export const blockBytes = 4 * 2 ** 20;
/** Smaller files have one digest and no parts. */
export const leastInParts = 64 * 2 ** 20;

export interface FileDigest {
  /** Lower-case hexadecimal; of the bytes, or of the lines of `parts`, each ended by a line feed. */
  readonly sha256: string;
  /** `BYTES SHA256`, in the order of the file. */
  readonly parts?: readonly string[];
}

export interface Digesting {
  /** Bytes that follow, in the part that is under way. */
  update(bytes: Uint8Array): void;
  /** A part of its own follows; its digest is told to what this answers, at any time before `digest` is asked for. */
  add(bytes: number): (sha256: string) => void;
  /** Of what came until now; a part that was under way ends here. */
  digest(): FileDigest;
}

export function digestInParts(): Digesting {
  const parts: string[] = [];
  let hash: Hash | undefined;
  let length = 0;
  const close = (): void => {
    if (hash !== undefined) parts.push(`${length} ${hash.digest('hex')}`);
    hash = undefined;
    length = 0;
  };
  return {
    update: (bytes) => {
      hash ??= createHash('sha256');
      hash.update(bytes);
      length += bytes.length;
    },
    add: (bytes) => {
      close();
      const index = parts.push('') - 1;
      return (sha256) => void (parts[index] = `${bytes} ${sha256}`);
    },
    digest: () => {
      close();
      const sha256 = createHash('sha256').update(parts.map((part) => `${part}\n`).join('')).digest('hex');
      return { sha256, parts: [...parts] };
    },
  };
}

/** One digest of all. A part of its own is no help here: `add` is never called. */
export function digestWhole(): Digesting {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    add: () => {
      throw new Error('a whole file has no parts');
    },
    digest: () => ({ sha256: hash.copy().digest('hex') }),
  };
}
