/** Numbers that stand for something else, words of a vocabulary or places of an axis: the greater of two is not more, and a mean of them is nobody's. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { at } from '../../names/modules.ts';
import type { Operator } from '../../ops/operator.ts';
import type { Span } from '../../text/source.ts';
import type { Env } from '../env.ts';
import { tell } from './normalised-twice.ts';
import type { TensorValue } from './values.ts';

/** Ids of a tokenizer, or what ArgMax and ArgMin give. */
export type Numbering = { readonly of: 'words'; readonly tokenizer: string } | { readonly of: 'places'; readonly operator: string };

/** What leaves each number what it is, or chooses among numbers of one kind. */
const handsOn: ReadonlySet<string> = new Set([
  'Cast', 'CastLike', 'Concat', 'Expand', 'Flatten', 'Gather', 'Identity', 'Pad', 'ReduceMax', 'ReduceMin', 'Reshape', 'Slice', 'Squeeze', 'Tile', 'Transpose', 'Unsqueeze', 'Where',
]);

/** What adds up what it is given, or measures how far apart it is. */
const measuring: ReadonlySet<string> = new Set([
  'AveragePool', 'Conv', 'Gemm', 'GlobalAveragePool', 'LayerNormalization', 'LogSoftmax', 'LpNormalization', 'MatMul', 'ReduceL1', 'ReduceL2', 'ReduceMean', 'ReduceSum', 'RMSNormalization', 'Softmax',
]);

const finding: ReadonlySet<string> = new Set(['ArgMax', 'ArgMin']);

function numberingOf({ type, numbering }: TensorValue): Numbering | undefined {
  const isWhole = type.dtype === 'i64' || type.dtype === 'i32';
  const [said] = isWhole ? type.facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [fact.nominal.name] : [])) : [];
  return said === undefined ? numbering : { of: 'words', tokenizer: said };
}

/** What an operator's result numbers, where its type does not say it. */
export function numberingAfter({ name }: Operator, operands: readonly TensorValue[]): Numbering | undefined {
  if (finding.has(name)) return { of: 'places', operator: name };
  const chosen = name === 'Where' ? operands.slice(1) : name === 'Concat' ? operands : operands.slice(0, 1);
  return handsOn.has(name) ? chosen.map(numberingOf).find((numbering) => numbering !== undefined) : undefined;
}

/** Warns at the call of a body, or where a body that it follows computes so. */
export function warnOfNumbers({ name }: Operator, operands: readonly TensorValue[], span: Span, env: Env): void {
  const location = env.inferring?.sites[0] ?? at(env.scope.module, span);
  const found = measuring.has(name) ? operands.map(numberingOf).find((numbering) => numbering?.of === 'words') : finding.has(name) && operands[0] !== undefined ? numberingOf(operands[0]) : undefined;
  if (found === undefined) return;
  if (found.of === 'words') {
    if (!measuring.has(name)) return;
    const notes = ['Word 7 is not more than word 3, and a mean of both is word 5. What is computed with is the vector of each word, which a backbone or `onnx.Gather` looks up in a table.'];
    tell(jointCodes.report('ids-as-amounts', { operator: name, tokenizer: found.tokenizer }, location, { label: 'these are numbers of words', notes }), span, env);
    return;
  }
  const notes = [`What \`onnx.${found.operator}\` gives is at which place the number stood, and not the number: \`onnx.Reduce${found.operator.slice(3)}\` gives that.`];
  tell(jointCodes.report('places-compared', { operator: name, inner: found.operator }, location, { label: 'these are places', notes }), span, env);
}
