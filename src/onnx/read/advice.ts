/** What to do about a file that is wrong, by what is wrong with it. */
import type { Finding } from '../../diagnostics/diagnostic.ts';
import { bytesLost } from '../../text/mistaken-file.ts';

const anew = 'The file is at fault, and no source mends it: get it again, or export it anew with the program that wrote it.';

const advice: Readonly<Record<string, string>> = {
  'onnx-malformed': anew,
  'onnx-inconsistent': anew,
  'onnx-duplicate-name': anew,
  'onnx-unknown-name': anew,
  'onnx-cycle': anew,
  'onnx-tensor-size': anew,
  'onnx-too-complex': 'These limits keep a file from taking all memory, and no network that was exported comes near them: get it again, or export it anew.',
  'onnx-unknown-dtype': 'Export it with another element type, or use a version of MDL that is younger than the type.',
  'onnx-external-data': 'Weights of such a model lie in files of their own, in its folder or below: copy all that the export wrote, under the names that it gave them.',
  'onnx-unreadable': bytesLost,
};

/** The finding with what to do about it, behind what it says already. */
export function advised(finding: Finding): Finding {
  const note = advice[finding.code];
  return note === undefined ? finding : { ...finding, notes: [...finding.notes, note] };
}
