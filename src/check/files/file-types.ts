/** Declared types against those that an ONNX file has: as it states them of its inputs, as they are inferred of the rest. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel, TensorInfo } from '../../ir/graph.ts';
import type { Symbol } from '../../names/modules.ts';
import type { Location } from '../../text/source.ts';
import { inferredTensors, isNameless, isUnknown, type InferredTensor } from '../../ir/infer/index.ts';
import { divDim, modDim } from '../../types/dim-atoms.ts';
import { bareSymbol, constantOf, equalDims, intDim, multipleOf, showDim, subtractDims, type Dim, type Multiple } from '../../types/dim.ts';
import type { SizeStatement } from '../../types/fact.ts';
import { showElementType, showStatement, showTensor } from '../../types/show.ts';
import { decideSize } from '../../types/size-bounds.ts';
import type { TensorType } from '../../types/type.ts';
import type { Callable } from '../context.ts';
import { judgeSize, type DeclaredSizes } from './file-sizes.ts';
import { typeFix } from './file-type-fix.ts';
import { sizeNeeds } from './size-needs.ts';
import { ordinal } from '../joints/mismatch.ts';

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
  /** Where its own type is written; undefined of the fields of a record. */
  readonly written?: Location | undefined;
}

/** What a name of the file was first declared to be. */
interface Related {
  readonly size: Dim;
  readonly port: FilePort;
  /** That the declared size is such a multiple as the file takes. */
  readonly isMultiple?: SizeStatement;
  told: boolean;
}

/** What the file says of declared ports. */
export interface Compared {
  /** What contradicts the file, by port. */
  readonly contradictions: ReadonlyMap<FilePort, Diagnostic>;
  /** Outputs and taps whose dtype and shape follow from the inputs' through the file's graph. */
  readonly proved: readonly FilePort[];
  /** What the file needs of the sizes that are declared of its inputs, where that does not hold of all. */
  readonly needs: readonly SizeStatement[];
}

/** Inputs come first: what follows of the outputs is said in the sizes that are declared of them. */
export function comparePorts(ports: readonly FilePort[], model: ForeignModel, file: string, symbol: Symbol<Callable>): Compared {
  const inferred = inferredTensors(model);
  /** What the file's own symbols were declared to be, and by which port. */
  const symbols = new Map<string, Related>();
  const contradictions = new Map<FilePort, Diagnostic>();
  const proved: FilePort[] = [];
  const contradict = (port: FilePort, info: TensorInfo, why: string, isMended: boolean): void => {
    const args = { port: port.name, declared: showTensor(port.type), file, found: showInfo(info), why };
    contradictions.set(port, foreignCodes.report('file-type', args, port.location, {
      label: `"${port.onnx}" of the file`,
      fixes: isMended && port.field === undefined ? typeFix(port.port, info, symbol) : [],
    }));
  };
  for (const port of ports) {
    const info = inferred.get(port.onnx);
    if (info === undefined) continue;
    if (port.direction !== 'input' && isProved(port.type, info, symbols)) proved.push(port);
    const why = contradiction(port, info, symbols);
    if (why !== undefined) contradict(port, info, why, true);
  }
  const needs = sizeNeeds(model, ports.flatMap(({ direction, onnx }) => (direction === 'input' ? [] : [onnx])), symbols);
  for (const { fact, own, key } of needs) {
    const { port } = symbols.get(key)!;
    if (decideSize(fact) === 'refuted' && !contradictions.has(port)) contradict(port, inferred.get(port.onnx)!, `the file needs ${showStatement(own)}, and here that is ${showStatement(fact)}`, false);
  }
  const multiples = [...symbols.values()].flatMap(({ isMultiple }) => (isMultiple === undefined || decideSize(isMultiple) === 'proved' ? [] : [isMultiple]));
  return { contradictions, proved, needs: [...multiples, ...needs.map(({ fact }) => fact)] };
}

/** Whether what is declared follows, at all sizes of the inputs. */
function isProved({ dtype, shape }: TensorType, found: InferredTensor, symbols: DeclaredSizes): boolean {
  const { axes } = shape;
  if (found.evidence !== 'inferred' || found.dtype !== dtype || found.dims?.length !== axes.length) return false;
  return found.dims.every((dim, i) => judgeSize(axes[i]!.size, dim, symbols).kind === 'proved');
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
    return constantOf(declared) === undefined ? `the file ${verbOf(port)} only ${size}; write ${size} for \`${showDim(declared)}\`` : `it is ${size}, not ${showDim(declared)}`;
  }
  const symbol = bareSymbol(found);
  const multiple = port.direction === 'input' && symbol === undefined ? multipleOf(found) : undefined;
  if (multiple !== undefined && !symbols.has(multiple.symbol.key)) return bindMultiple(declared, found, multiple, port, symbols);
  if (symbol === undefined || (port.direction !== 'input' && isNameless(symbol))) {
    const verdict = judgeSize(declared, found, symbols);
    return verdict.kind === 'refuted' ? `the file ${verbOf(port)} \`${verdict.found}\`: ${verdict.witness}` : undefined;
  }
  if (isUnknown(symbol)) return undefined;
  const known = symbols.get(symbol.key);
  if (known === undefined) {
    symbols.set(symbol.key, { size: declared, port, told: false });
    return undefined;
  }
  // What is no sum of products cannot be written: of `h div 14` a declaration says that the file chooses it.
  if (known.told || equalDims(known.size, declared) || (hasAtoms(known.size) && bareSymbol(declared)?.kind === 'chosen')) return undefined;
  known.told = true;
  return `the file has one size \`${symbol.name}\`, which is declared as \`${showDim(declared)}\` here and as \`${showDim(known.size)}\` in \`${known.port.name}\``;
}

const hasAtoms = (dim: Dim): boolean => dim.terms.some(({ symbols }) => symbols.some(({ atom }) => atom !== undefined));

/** An input's size of which the file says that it is `14*h`: what that makes of h, or why it is none. */
function bindMultiple(declared: Dim, found: Dim, { symbol, factor, offset }: Multiple, port: FilePort, symbols: Map<string, Related>): string | undefined {
  const over = subtractDims(declared, intDim(offset));
  const size = constantOf(over);
  if (size !== undefined && (size < 0 || size % factor !== 0)) return `the file takes only \`${showDim(found)}\`, and ${showDim(declared)} is no such size`;
  const isMultiple: SizeStatement = { kind: 'size', op: '==', left: modDim(over, intDim(factor)), right: intDim(0) };
  symbols.set(symbol.key, { size: divDim(over, intDim(factor)), port, ...(size === undefined ? { isMultiple } : {}), told: false });
  return undefined;
}

const verbOf = ({ direction }: FilePort): string => (direction === 'input' ? 'takes' : 'gives');

/** `i64[batch, 512]` */
export function showInfo(info: TensorInfo): string {
  return `${info.dtype ?? 'unknown'}${info.dims ? `[${info.dims.map(showDim).join(', ')}]` : ' of unknown rank'}`;
}
