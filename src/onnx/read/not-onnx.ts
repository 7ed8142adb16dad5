/** What a file that is not ONNX seems to be, told from its first bytes. */
import { bytesAt, decodeText, type Wire } from './wire.ts';

export interface Description {
  /** A clause: `it is empty`. */
  readonly reason: string;
  readonly notes: readonly string[];
}

interface Signature {
  readonly offset: number;
  readonly bytes: string;
  readonly description: Description;
}

const webPage: Description = { reason: 'it is a web page', notes: ['What was downloaded is the page about the file, or one that asks for a sign-in: take the address of the file itself.'] };

const signatures: readonly Signature[] = [
  {
    offset: 0,
    bytes: 'version https://git-lfs',
    description: {
      reason: 'it is a Git LFS pointer to the file',
      notes: ['Fetch the file itself with `git lfs pull`.'],
    },
  },
  {
    offset: 0,
    bytes: 'PK\x03\x04',
    description: {
      reason: 'it is a zip archive, as PyTorch writes checkpoints',
      notes: ['Export the model with `torch.onnx.export`, or unpack the archive if it holds the .onnx file.'],
    },
  },
  { offset: 0, bytes: '\x89HDF', description: { reason: 'it is an HDF5 file, as Keras writes them', notes: [] } },
  { offset: 0, bytes: '\x1f\x8b', description: { reason: 'it is compressed by gzip', notes: ['Unpack it first.'] } },
  { offset: 4, bytes: 'TFL3', description: { reason: 'it is a TensorFlow Lite model', notes: [] } },
  {
    offset: 4,
    bytes: 'ORTM',
    description: {
      reason: "it is in ONNX Runtime's own format (.ort)",
      notes: ['Use the .onnx file that it was made from.'],
    },
  },
  ...['<!DOCTYPE', '<!doctype', '<html'].map((bytes) => ({ offset: 0, bytes, description: webPage })),
  { offset: 8, bytes: '{"', description: { reason: 'it is a safetensors file: weights without a graph', notes: [] } },
];

const sniffedBytes = 512;

export function describeForeign(wire: Wire): Description {
  const { size } = wire.source;
  if (size === 0) return { reason: 'it is empty', notes: [] };
  const head = bytesAt(wire, 0, Math.min(size, sniffedBytes));
  const latin = String.fromCharCode(...head);
  const known = signatures.find(({ offset, bytes }) => latin.startsWith(bytes, offset));
  if (known !== undefined) return known.description;
  // A text cut after 512 bytes may end within a character.
  const text = decodeText(head) ?? decodeText(head.subarray(0, -1)) ?? decodeText(head.subarray(0, -2));
  if (text !== undefined && /^[^\p{Cc}]*$/u.test(text.replace(/[\t\r\n]/g, ''))) {
    const [line = ''] = text.trim().split(/[\r\n]/);
    return { reason: `it is a text that begins \`${line.slice(0, 40)}\``, notes: [] };
  }
  return { reason: 'its bytes hold no ONNX graph', notes: ['An ONNX file is a serialised ModelProto.'] };
}
