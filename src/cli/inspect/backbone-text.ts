/** A `backbone` declaration of an ONNX file as it stands: what `mdl inspect --mdl` prints. */
import { inferredTensors, isUnknown, type InferredTensor } from '../../ir/infer/index.ts';
import type { OnnxFile } from '../../onnx/index.ts';
import { claimName } from '../../onnx/names.ts';
import { quote } from '../../syntax/strings.ts';
import { reservedWords } from '../../syntax/tokens.ts';
import { bareSymbol, dimKey, showDim, substituteDim, symbolDim, symbolsOf, toldBy, type Dim } from '../../types/dim.ts';
import { isDType, isDTypeFamily } from '../../types/dtype.ts';

/** `source` is the file's path as the declaration names it. What cannot be declared is said in a comment. */
export function backboneText(file: OnnxFile, name: string, source: string): string {
  const known = inferredTensors(file);
  const ports = new Set<string>();
  const { graph } = file;
  const fed = graph.inputs.filter((input) => !graph.initializers.has(input));
  const sizes = createSizes(fed.flatMap((input) => known.get(input)?.dims ?? []));
  const line = (kind: 'input' | 'output', tensor: string, write: (dim: Dim) => string): string => {
    const type = typeText(known.get(tensor), write);
    if (type === undefined) return `  // ${kind} ${quote(tensor)}: its element type or its number of axes is not known.`;
    const port = identifier(tensor, kind, (other) => ports.has(other));
    ports.add(port);
    return `  ${kind} ${port}: ${type}${port === tensor ? '' : ` from ${quote(tensor)}`}`;
  };
  // Inputs come first: sizes of outputs are said in theirs.
  const members = [...fed.map((input) => line('input', input, sizes.ofInput)), ...graph.outputs.map((output) => line('output', output, sizes.ofOutput))];
  return [`backbone ${identifier(name, 'Encoder', () => false)} {`, `  source ${quote(source)}`, ...members, '}', ''].join('\n');
}

function typeText(tensor: InferredTensor | undefined, write: (dim: Dim) => string): string | undefined {
  if (tensor?.dtype === undefined || tensor.dims === undefined) return undefined;
  return `${tensor.dtype}[${tensor.dims.map(write).join(', ')}]`;
}

/**
 * The names of sizes: those of the file as far as they are names of the language. A name alone, or times a number, says how large it is:
 * any other size of an input gets a name of its own, and what no input tells is of an output the file's choice.
 */
function createSizes(inputs: readonly Dim[]) {
  const taken = new Set<string>();
  const claim = (wanted: string): string => {
    const name = identifier(wanted, 'size', (other) => taken.has(other));
    taken.add(name);
    return name;
  };
  const told = new Map(inputs.flatMap((dim) => toldBy(dim)?.symbol ?? []).map((symbol) => [symbol.key, symbol]));
  const names = new Map([...told.values()].map(({ key, name }) => [key, claim(name)]));
  const whole = new Map<string, string>();
  /** In the names that sizes have here. */
  const written = (dim: Dim): string | undefined =>
    whole.get(dimKey(dim)) ??
    (symbolsOf(dim).every(({ key }) => names.has(key))
      ? showDim(substituteDim(dim, (symbol) => symbolDim({ ...symbol, name: names.get(symbol.key)! })))
      : undefined);
  const named = (dim: Dim, wanted: string): string => {
    const name = claim(wanted);
    whole.set(dimKey(dim), name);
    return name;
  };
  return {
    ofInput: (dim: Dim): string => written(dim) ?? named(dim, 'size'),
    ofOutput: (dim: Dim): string => {
      const symbol = bareSymbol(dim);
      const isFree = symbol !== undefined && !isUnknown(symbol) && !taken.has(symbol.name);
      return written(dim) ?? `some ${named(dim, isFree ? symbol.name : 'rows')}`;
    },
  };
}

/** The nearest name that the language has and that is free. */
function identifier(text: string, otherwise: string, isTaken: (name: string) => boolean): string {
  const word = text.replace(/\W+/g, '_').replace(/^_+|_+$/g, '').replace(/^(?=\d)/, `${otherwise}_`) || otherwise;
  return claimName(word, (name) => isTaken(name) || reservedWords.has(name) || isDType(name) || isDTypeFamily(name) || name === 'some');
}
