/** The two encoders of an upgrade: what each takes, and the vectors that it gives. */
import type { Signature } from '../../check/parts/signature.ts';
import type { Symbol } from '../../names/modules.ts';
import type { ModelDecl, Name, PartDecl, TypeExpr } from '../../syntax/ast.ts';
import { constantOf } from '../../types/dim.ts';
import { unknownType, type TensorType, type Type } from '../../types/type.ts';
import { calledIn, callSites, reachedBy, type Caller, type CallSite, type Encoder } from './call-sites.ts';
import type { WrittenType } from './retype.ts';

export interface EncoderVectors {
  readonly symbol: Encoder;
  /** Of a backbone, the output that is the vectors. */
  readonly output: string | undefined;
  readonly written: WrittenType;
  readonly type: TensorType;
  /** How many numbers a vector has. */
  readonly columns: number;
  readonly inputs: readonly EncoderInput[];
}

export interface EncoderInput {
  readonly name: string;
  readonly written: WrittenType;
  readonly type: Type;
}

type Signatures = ReadonlyMap<Symbol, Signature>;

/** The outputs of a part or backbone that are a vector for each example. */
export function vectorsOf(symbol: Encoder, signatures: Signatures): readonly EncoderVectors[] {
  const { declaration, module } = symbol;
  const signature = signatures.get(symbol);
  if (signature === undefined) return [];
  const { result } = signature;
  const written = (type: TypeExpr): WrittenType => ({ type, module });
  const input = ({ text: name }: Name, type: TypeExpr): EncoderInput => ({ name, written: written(type), type: signature.tensors.find((tensor) => tensor.name === name)?.type ?? unknownType });
  if (declaration.kind === 'PartDecl') {
    const inputs = declaration.params.flatMap(({ name, type, default: otherwise }) => (type.kind === 'TypeExpr' && otherwise === undefined ? [input(name, type)] : []));
    return vectors(result).map((vector) => ({ symbol, output: undefined, written: written(declaration.result), ...vector, inputs }));
  }
  const inputs = declaration.members.flatMap((member) => (member.kind === 'BackboneInput' && member.default === undefined ? [input(member.name, member.type)] : []));
  return declaration.members.flatMap((member) => {
    const type = member.kind === 'BackboneOutput' && result.kind === 'record' ? result.fields.get(member.name.text) : undefined;
    return member.kind !== 'BackboneOutput' || type === undefined ? [] : vectors(type).map((vector) => ({ symbol, output: member.name.text, written: written(member.type), ...vector, inputs }));
  });
}

function vectors(type: Type): readonly { readonly type: TensorType; readonly columns: number }[] {
  const last = type.kind === 'tensor' && type.shape.rest === undefined && type.shape.axes.length === 2 ? type.shape.axes[1] : undefined;
  const columns = last && constantOf(last.size);
  return columns === undefined || type.kind !== 'tensor' || type.dtype !== 'f32' ? [] : [{ type, columns }];
}

export interface FoundEncoder {
  readonly vectors: EncoderVectors;
  readonly sites: readonly CallSite[];
}

/**
 * What the models call: the encoder, or the one part around it through which they all do; parts that answer by a head call it as
 * models do. A clause that says why, where that cannot be made out.
 */
export function encoderOfModels(encoder: Encoder, reached: readonly Symbol[], signatures: Signatures): FoundEncoder | string {
  const callers = reached.filter((symbol): symbol is Caller => symbol !== encoder && isCaller(symbol) && calledIn(symbol).has(encoder));
  if (callers.length === 0) {
    const standIn = reached.find(({ name, declaration }) => declaration.kind === 'PartDecl' && name.startsWith(`${encoder.name}By`));
    return `no model of the file calls \`${encoder.name}\`${standIn === undefined ? '' : `; \`${standIn.name}\` is what they call since it was exchanged`}`;
  }
  const parts = callers.filter((caller): caller is Symbol<PartDecl> => caller.declaration.kind === 'PartDecl' && !answers(caller, signatures));
  const [part] = parts;
  if (parts.length === callers.length) return parts.length === 1 ? encoderOfModels(part!, reached, signatures) : `${parts.map(({ name }) => `\`${name}\``).join(' and ')} call \`${encoder.name}\`: name one of them`;
  const given = vectorsOf(encoder, signatures);
  if (given.length === 0) return `\`${encoder.name}\` gives no vector of a known size for each example, f32[batch, …]: name the adapter that does`;
  let why = '';
  for (const vector of given) {
    const found = callers.map((caller) => callSites(encoder, vector.output, caller));
    const wrong = found.find((sites) => typeof sites === 'string');
    if (wrong === undefined) return { vectors: vector, sites: (found as (readonly CallSite[])[]).flat() };
    // Of several vectors, what stands in the way of the first is told.
    why ||= wrong as string;
  }
  return why;
}

/** Whether a part answers something, by a head or with classes, rather than giving vectors that something else reads. */
function answers(part: Symbol, signatures: Signatures): boolean {
  const isHead = ({ declaration }: Symbol): boolean => declaration.kind === 'PartDecl' && declaration.role === 'head';
  const result = signatures.get(part)?.result;
  return reachedBy([part]).some(isHead) || (result?.kind === 'tensor' && result.shape.axes.some(({ classes }) => classes !== undefined));
}

const isCaller = ({ declaration }: Symbol): boolean => declaration.kind === 'PartDecl' || declaration.kind === 'ModelDecl';

/** The models among callers, in the order of the file. */
export const modelsAmong = (symbols: readonly Symbol[]): readonly Symbol<ModelDecl>[] => symbols.filter((symbol): symbol is Symbol<ModelDecl> => symbol.declaration.kind === 'ModelDecl');
