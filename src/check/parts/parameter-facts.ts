/** What a `param` says of its numbers: they are weights, which training and files change, and no run tests. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { TypeExpr } from '../../syntax/ast.ts';
import type { Fact } from '../../types/fact.ts';
import { showStatement, showTensor } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { leaveOutFact, replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';

/** Facts about numbers, and what makes a tensor keep them. That weights are finite is looked at where a file is read. */
const madeBy: Partial<Record<Fact['kind'], string>> = {
  range: '`onnx.Clip`, or `onnx.Sigmoid` where the ends are 0 and 1',
  norm: '`l2_normalize` of std/norm',
  sum: '`onnx.Softmax`',
  mean: '`standardize` of std/norm',
  std: '`standardize` of std/norm',
  mask: 'a comparison, and `onnx.Cast` of what it gives',
  prefix_mask: 'a comparison, and `onnx.Cast` of what it gives',
  integer: '`onnx.Floor`',
  one_hot: '`onnx.ArgMax`, and `onnx.Equal` with it',
  nonzero: '`onnx.Abs`, and a number added to it',
};

/** The parameter's type without facts that nobody holds its numbers to, each of which is reported. */
export function parameterType(name: string, type: TensorType, written: TypeExpr, env: Env): TensorType {
  const untested = type.facts.filter(({ kind }) => madeBy[kind] !== undefined);
  if (untested.length === 0) return type;
  const bare: TensorType = { ...type, facts: type.facts.filter((fact) => !untested.includes(fact)) };
  const { module } = env.scope;
  const asTold = (fix: readonly Fix[]): readonly Fix[] => (fix.length > 0 ? fix : [{ title: `write \`${showTensor(bare)}\``, edits: [replaceAt(written.span, showTensor(bare), module)] }]);
  for (const fact of untested) {
    const own = fact.location?.uri === module.uri && fact.location.span.start >= written.span.start && fact.location.span.end <= written.span.end ? fact.location : undefined;
    env.report(
      partCodes.report('fact-misplaced', { fact: showStatement(fact), type: `the weights \`${name}\``, why: 'they are learned or read from a file, and no run tests them' }, own ?? at(module, written.span), {
        ...(own === undefined && fact.location !== undefined ? { related: [{ location: fact.location, text: 'said here' }] } : {}),
        notes: [`What has to hold is made so where \`${name}\` is used: by ${madeBy[fact.kind]!}.`],
        fixes: asTold(own === undefined ? [] : leaveOutFact(own, env.checker)),
      }),
    );
  }
  return bare;
}
