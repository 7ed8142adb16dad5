/**
 * Probabilities and scores of the same classes, added: what no softmax has made a share of 1 has another scale, and outweighs what one has. Parameters that are
 * fitted over both know the mixture.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at } from '../../names/modules.ts';
import type { Operator } from '../../ops/operator.ts';
import type { Expr } from '../../syntax/ast.ts';
import type { Span } from '../../text/source.ts';
import type { Env } from '../env.ts';
import { libraryImportEdits } from '../imports.ts';
import type { Argument } from './call.ts';
import { areShares, tell } from './normalised-twice.ts';
import { wrapFix } from './operand-fixes.ts';
import { leavesParameters } from './reached.ts';
import type { TensorValue } from './values.ts';

const mixing: Readonly<Record<string, string>> = { Add: 'added', Max: 'compared', Min: 'compared' };

export function warnOfMixedScores({ name }: Operator, args: readonly Argument[], operands: readonly TensorValue[], span: Span, env: Env): void {
  const done = Object.hasOwn(mixing, name) ? mixing[name] : undefined;
  const scores = operands.findIndex(({ odds }) => odds === 'scores');
  const shares = operands.findIndex((value) => areShares(value.type) || value.odds === 'single' || value.odds === 'scaled');
  if (done === undefined || scores < 0 || shares < 0 || operands.length !== 2 || !areOfOne(operands[scores]!, operands[shares]!) || isFitted(env)) return;
  const { odds } = operands[shares]!;
  const by = odds === 'single' ? 'sigmoid' : 'softmax';
  tell(
    jointCodes.report('scores-mixed', { done, classes: classesOf(operands[scores]!)!.name }, env.inferring?.sites[0] ?? at(env.scope.module, span), {
      label: 'probabilities on one side, scores on the other',
      notes: [`A score has no bounds, so it outweighs every probability. Take the ${by} of the scores before.`],
      fixes: env.inferring !== undefined || odds === 'scaled' ? [] : wrapped(by, args[scores]!.expr, env),
    }),
    span,
    env,
  );
}

const classesOf = ({ type: { shape } }: TensorValue) => shape.axes.at(-1)?.classes;

const areOfOne = (a: TensorValue, b: TensorValue): boolean => {
  const id = classesOf(a)?.id;
  return id !== undefined && id === classesOf(b)?.id && a.type.shape.axes.length === b.type.shape.axes.length;
};

/** Whether whoever has weights here learns with the mixture. */
function isFitted({ inferring, symbol: { declaration }, symbol, checker }: Env): boolean {
  if (inferring !== undefined) return inferring.fitted;
  if (declaration.kind !== 'PartDecl') return false;
  const declares = declaration.body?.statements.some(({ kind }) => kind === 'ParamStatement') ?? false;
  return declaration.weights !== undefined || declares || [...(checker.calls.get(symbol) ?? [])].some((callee) => leavesParameters(callee, checker));
}

/** A pipe inside a call would need parentheses. */
function wrapped(by: string, expr: Expr, env: Env): Fix[] {
  const imports = libraryImportEdits(by, 'std/nn', env.scope.module);
  if (imports === undefined || expr.kind === 'PipeExpr') return [];
  const fix = wrapFix(`take the ${by} of the scores`, expr, [`${by}(`, ')'], env);
  return [{ ...fix, edits: [...fix.edits, ...imports] }];
}
