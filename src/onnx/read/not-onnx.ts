/** What a file that is not ONNX seems to be, told from its first bytes. */
import { mistakenFile, sniffedBytes, type Mistaken } from '../../text/mistaken-file.ts';
import { bytesAt, decodeText, type Wire } from './wire.ts';

interface Signature {
  readonly offset: number;
  readonly bytes: string;
  readonly description: Mistaken;
}

const signatures: readonly Signature[] = [
  {
    offset: 0,
    bytes: 'PK\x03\x04',
    description: {
      reason: 'it is a zip archive, as PyTorch writes checkpoints',
      notes: ['Export the model with `torch.onnx.export`, or unpack the archive if it holds the .onnx file.'],
    },
  },
  { offset: 0, bytes: '\x89HDF', description: { reason: 'it is an HDF5 file, as Keras writes them', notes: ['Convert the model with `tf2onnx`, and name the .onnx file that it writes.'] } },
  { offset: 4, bytes: 'TFL3', description: { reason: 'it is a TensorFlow Lite model', notes: ['Convert it with `python -m tf2onnx.convert --tflite FILE --output model.onnx`.'] } },
  {
    offset: 4,
    bytes: 'ORTM',
    description: {
      reason: "it is in ONNX Runtime's own format (.ort)",
      notes: ['Use the .onnx file that it was made from.'],
    },
  },
  { offset: 8, bytes: '{"', description: { reason: 'it is a safetensors file: weights without a graph', notes: ['Weights stand behind a part, `weights "./FILE.safetensors"`; a backbone needs the .onnx file that was exported with them.'] } },
];

export function describeForeign(wire: Wire): Mistaken {
  const head = bytesAt(wire, 0, Math.min(wire.source.size, sniffedBytes));
  const mistaken = mistakenFile(head);
  if (mistaken !== undefined) return mistaken;
  const latin = String.fromCharCode(...head);
  const known = signatures.find(({ offset, bytes }) => latin.startsWith(bytes, offset));
  if (known !== undefined) return known.description;
  // A text cut after 512 bytes may end within a character.
  const text = decodeText(head) ?? decodeText(head.subarray(0, -1)) ?? decodeText(head.subarray(0, -2));
  if (text !== undefined && /^[^\p{Cc}]*$/u.test(text.replace(/[\t\r\n]/g, ''))) {
    const [line = ''] = text.trim().split(/[\r\n]/);
    return { reason: `it is a text that begins \`${line.slice(0, 40)}\``, notes: ['Name the .onnx file that the model was exported to.'] };
  }
  return { reason: 'its bytes hold no ONNX graph', notes: ['An ONNX file is a serialised ModelProto: name the .onnx file that the model was exported to, or get it again.'] };
}
