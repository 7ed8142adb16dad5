/** A softmax or a sigmoid of what a softmax made: it runs, and all classes come out nearly alike. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at, type ModuleScope } from '../../names/modules.ts';
import type { Operator } from '../../ops/operator.ts';
import type { Location, Span } from '../../text/source.ts';
import type { TensorType } from '../../types/type.ts';
import { replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { visit } from '../../syntax/visit.ts';

const squashing: ReadonlySet<string> = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);

/** Sums and signs of a softmax's result; whatever is computed of it has lost the first. */
const areShares = ({ facts }: TensorType): boolean =>
  facts.some((fact) => fact.kind === 'sum' && fact.value === 1) && facts.some((fact) => fact.kind === 'range' && fact.low >= 0);

export function warnOfShares(operator: Operator, [x]: readonly TensorType[], span: Span, env: Env): void {
  if (!squashing.has(operator.name) || x === undefined || !areShares(x)) return;
  const location = env.inferring?.sites[0] ?? at(env.scope.module, span);
  // Each call is told, also where it is followed as another one before.
  env.checker.unsettled++;
  const report = env.inferring?.report ?? env.report;
  report(
    jointCodes.report('normalised-twice', { operator: operator.name === 'Sigmoid' ? 'the sigmoid' : 'the softmax' }, location, {
      label: 'these are probabilities already',
      notes: ['Numbers between 0 and 1 come out nearly alike. Drop it; where a temperature is meant, divide by it first, and of probabilities take `onnx.Log` before that.'],
      fixes: dropFix(location, env),
    }),
  );
}

/** A call of one value is that value. */
function dropCall(span: Span, module: ModuleScope): Fix[] {
  let inner: Span | undefined;
  visit(module.ast, { enter: (node) => void (node.kind === 'CallExpr' && node.span.start === span.start && node.span.end === span.end && node.args.every(({ name }, i) => (name === undefined) === (i === 0)) && (inner = node.args[0]?.value.span)) });
  return inner === undefined ? [] : [{ title: 'drop it', edits: [replaceAt(span, module.source.text.slice(inner.start, inner.end), module)] }];
}

/** The stage of a pipe goes with the sign before it. */
function dropFix({ uri, span }: Location, { checker }: Env): Fix[] {
  const module = checker.modules.scopes.get(uri);
  const sign = /\s*\|>\s*$/.exec(module?.source.text.slice(0, span.start) ?? '')?.[0];
  if (module === undefined) return [];
  if (sign === undefined) return dropCall(span, module);
  return [{ title: 'drop it', edits: [{ location: { uri, span: { start: span.start - sign.length, end: span.end } }, text: '' }] }];
}
