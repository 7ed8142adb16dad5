/** Ports of a backbone that read each other's tensors, as far as names can tell: a runtime would not object. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../../names/modules.ts';
import type { FilePort } from './file-types.ts';

/** `attention_mask`, `tokens.inputIds`: its words, in the singular. */
const wordsOf = (name: string): ReadonlySet<string> =>
  new Set(name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '').map((word) => word.replace(/(.)s$/, '$1')));

/** How many of the words of two names are in both: 0 to 1. */
function likeness(a: string, b: string): number {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  const both = [...left].filter((word) => right.has(word)).length;
  return both === 0 ? 0 : both / (left.size + right.size - both);
}

/** Two ports each of which is named more like the other's tensor than like its own. Fields of one record are compared by their own names. */
function areSwapped(a: FilePort, b: FilePort): boolean {
  if (a.direction !== b.direction) return false;
  const [left, right] = a.port === b.port && a.field !== undefined && b.field !== undefined ? [a.field, b.field] : [a.name, b.name];
  return likeness(left, b.onnx) > likeness(left, a.onnx) && likeness(right, a.onnx) > likeness(right, b.onnx);
}

/** A warning for each pair, with the swap as its fix. */
export function swappedPorts(ports: readonly FilePort[], module: ModuleScope, file: string): Diagnostic[] {
  const isText = ({ location: { span } }: FilePort): boolean => module.source.text[span.start] === '"';
  const told = new Set<FilePort>();
  return ports.flatMap((port, i) => {
    const other = told.has(port) ? undefined : ports.slice(i + 1).find((p) => !told.has(p) && isText(p) && areSwapped(port, p));
    if (other === undefined || !isText(port)) return [];
    told.add(other);
    const edits = [{ location: port.location, text: `"${other.onnx}"` }, { location: other.location, text: `"${port.onnx}"` }];
    return [
      foreignCodes.report('file-port-swapped', { file, port: port.name, onnx: port.onnx, other: other.name, otherOnnx: other.onnx }, port.location, {
        label: `meant for \`${other.name}\`?`,
        related: [{ location: other.location, text: `meant for \`${port.name}\`?` }],
        notes: ['Nothing but the names tells the two apart: if they are swapped, the model runs and answers wrongly.'],
        fixes: [{ title: `swap "${port.onnx}" and "${other.onnx}"`, edits }],
      }),
    ];
  });
}
