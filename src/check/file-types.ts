/** Declared types against those that an ONNX file states of itself. */
import { foreignCodes } from '../diagnostics/codes/foreign.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ForeignModel, TensorInfo } from '../ir/graph.ts';
import { inferGraph } from '../ir/infer/index.ts';
import type { Location } from '../text/source.ts';
import { areDifferent } from '../types/dim-bounds.ts';
import { bareSymbol, constantOf, equalDims, showDim, substituteDim, symbolsOf, type Dim } from '../types/dim.ts';
import { showElementType, showTensor } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import { ordinal } from './mismatch.ts';

/** A `tap` is a tensor inside the file. */
export type Direction = 'input' | 'output' | 'tap';

/** A declared port and the file's tensor that it stands for. */
export interface FilePort {
  readonly direction: Direction;
  /** `tokens`, of which this may be a field. */
  readonly port: string;
  readonly field?: string | undefined;
  /** `tokens.ids` */
  readonly name: string;
  readonly onnx: string;
  readonly type: TensorType;
  readonly location: Location;
}

/** What a name of the file was first declared to be. */
interface Related {
  readonly size: Dim;
  readonly port: FilePort;
  told: boolean;
}

/** What contradicts the file, by port. */
export function comparePorts(ports: readonly FilePort[], model: ForeignModel, file: string): ReadonlyMap<FilePort, Diagnostic> {
  /** What the file's own symbols were declared to be, and by which port. */
  const symbols = new Map<string, Related>();
  const found = new Map<FilePort, Diagnostic>();
  for (const port of ports) {
    const info = infoOf(port, model);
    const why = info && contradiction(port, info, symbols);
    if (why === undefined) continue;
    const args = { port: port.name, declared: showTensor(port.type), file, found: showInfo(info!), why };
    found.set(port, foreignCodes.report('file-type', args, port.location, { label: `"${port.onnx}" of the file` }));
  }
  return found;
}

/** What is inferred of the tensors of a file; made where a tap first needs it. */
const inferred = new WeakMap<ForeignModel, ReturnType<typeof inferGraph>>();

/** What the file says of a tensor; of a tap that it is silent about, what follows from the operators before it. */
function infoOf({ direction, onnx }: FilePort, model: ForeignModel): TensorInfo | undefined {
  const said = model.graph.types.get(onnx);
  if (direction !== 'tap' || (said?.dtype !== undefined && said.dims !== undefined)) return said;
  const known = inferred.get(model) ?? inferGraph(model);
  inferred.set(model, known);
  const { dtype = said?.dtype, dims = said?.dims } = known.get(onnx) ?? {};
  return { dtype, dims };
}

function contradiction(port: FilePort, info: TensorInfo, symbols: Map<string, Related>): string | undefined {
  const { type } = port;
  if (info.dtype !== undefined && info.dtype !== type.dtype) return `its elements are ${info.dtype}, not ${showElementType(type.dtype)}`;
  if (info.dims === undefined) return undefined;
  const { axes } = type.shape;
  if (axes.length !== info.dims.length) return `it has ${info.dims.length} axes, not ${axes.length}`;
  for (const [i, dim] of info.dims.entries()) {
    const why = sizeContradiction(axes[i]!.size, dim, port, symbols);
    if (why !== undefined) return `on the ${ordinal(i)} axis ${why}`;
  }
  return undefined;
}

function sizeContradiction(declared: Dim, found: Dim, port: FilePort, symbols: Map<string, Related>): string | undefined {
  const size = constantOf(found);
  if (size !== undefined) {
    if (constantOf(declared) === size) return undefined;
    const verb = port.direction === 'input' ? 'takes' : 'gives';
    return constantOf(declared) === undefined ? `the file ${verb} only ${size}; write ${size} for \`${showDim(declared)}\`` : `it is ${size}, not ${showDim(declared)}`;
  }
  const symbol = bareSymbol(found);
  if (symbol === undefined) return computedContradiction(declared, found, symbols);
  if (symbol.name === '?') return undefined;
  const known = symbols.get(symbol.key);
  if (known === undefined) {
    symbols.set(symbol.key, { size: declared, port, told: false });
    return undefined;
  }
  if (known.told || equalDims(known.size, declared)) return undefined;
  known.told = true;
  return `the file has one size \`${symbol.name}\`, which is declared as \`${showDim(declared)}\` here and as \`${showDim(known.size)}\` in \`${known.port.name}\``;
}

/** A size that the file computes from sizes which others have been declared to be. */
function computedContradiction(declared: Dim, found: Dim, symbols: ReadonlyMap<string, Related>): string | undefined {
  if (symbolsOf(found).some(({ key }) => !symbols.has(key))) return undefined;
  const size = substituteDim(found, ({ key }) => symbols.get(key)!.size);
  return areDifferent(size, declared) ? `it is ${showDim(size)}, not ${showDim(declared)}` : undefined;
}

/** `i64[batch, 512]` */
export function showInfo(info: TensorInfo): string {
  return `${info.dtype ?? 'unknown'}${info.dims ? `[${info.dims.map(showDim).join(', ')}]` : ' of unknown rank'}`;
}
