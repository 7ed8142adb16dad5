/**
 * Probabilities and scores of the same classes, added: what no softmax has made a share of 1 has another scale, and outweighs what one has. Parameters that are
 * fitted over both know the mixture.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Operator } from '../../ops/operator.ts';
import type { Expr } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import type { Env } from '../env.ts';
import { libraryImportEdits } from '../imports.ts';
import type { Argument } from './call.ts';
import { areShares, tell } from './normalised-twice.ts';
import { wrapFix } from './operand-fixes.ts';
import { leavesParameters } from './reached.ts';
import type { TensorValue } from './values.ts';

/** What has one scale for the same classes. */
type Scale = 'shares' | 'scores' | 'logs';

const mixing: Readonly<Record<string, string>> = {
  Add: 'added',
  Sub: 'subtracted',
  Max: 'compared',
  Min: 'compared',
  Equal: 'compared',
  Greater: 'compared',
  GreaterOrEqual: 'compared',
  Less: 'compared',
  LessOrEqual: 'compared',
  Where: 'mixed',
};

/** What has two scales, by what is to be mended first. Scores and logarithms differ by one number a row: their sum is that of scores. */
const apart: readonly { readonly mend: 'scores' | 'logs'; readonly beside: 'shares' | 'logs'; readonly sums: boolean }[] = [
  { mend: 'scores', beside: 'shares', sums: true },
  { mend: 'logs', beside: 'shares', sums: true },
  { mend: 'scores', beside: 'logs', sums: false },
];

export function warnOfMixedScores({ name }: Operator, args: readonly Argument[], operands: readonly TensorValue[], span: Span, env: Env): void {
  const done = Object.hasOwn(mixing, name) ? mixing[name] : undefined;
  if (done === undefined || isFitted(env)) return;
  const sums = done === 'added' || done === 'subtracted';
  const places = operands.flatMap((value, i) => {
    const scale = scaleOf(value);
    return scale === undefined ? [] : [{ value, i, scale }];
  });
  for (const pair of apart) {
    const [mend, beside] = [places.find(({ scale }) => scale === pair.mend), places.find(({ scale }) => scale === pair.beside)];
    if (mend === undefined || beside === undefined || (sums && !pair.sums) || !areOfOne(mend.value, beside.value)) continue;
    tellMixed(pair, { done, mend: args[mend.i]!.expr, classes: classesOf(mend.value)!.name, odds: beside.value.odds }, span, env);
    return;
  }
}

const scaleOf = ({ type, odds }: TensorValue): Scale | undefined => (odds === 'scores' || odds === 'logs' ? odds : areShares(type) || odds === 'single' || odds === 'scaled' ? 'shares' : undefined);

interface Mixed {
  readonly done: string;
  readonly classes: string;
  /** The operand to be mended, and what is known of the other one. */
  readonly mend: Expr;
  readonly odds: TensorValue['odds'];
}

function tellMixed({ mend: from, beside }: (typeof apart)[number], { done, classes, mend, odds }: Mixed, span: Span, env: Env): void {
  const by = beside === 'logs' ? 'log_softmax' : odds === 'single' ? 'sigmoid' : 'softmax';
  const known = env.inferring === undefined && odds !== 'scaled';
  const fixes = !known ? [] : from === 'logs' ? [wrapFix('take the exponential of the logarithms', mend, ['onnx.Exp(', ')'], env)] : wrapped(by, mend, env);
  const notes = {
    scores: `${beside === 'logs' ? 'A score is the logarithm of its probability but for one number, which is another in each row' : 'A score has no bounds, so it outweighs every probability'}. Take the ${by} of the scores before.`,
    logs: 'A logarithm of a probability is below 0, and far below for what is unlikely. Take `onnx.Exp` of the logarithms, which are the probabilities, or `onnx.Log` of the probabilities.',
  };
  tell(
    jointCodes.report('scores-mixed', { done, classes, these: from, beside }, env.inferring?.sites[0] ?? at(env.scope.module, span), {
      label: `${words[beside]} on one side, ${words[from]} on the other`,
      notes: [notes[from]],
      fixes,
    }),
    span,
    env,
  );
}

const words = { shares: 'probabilities', scores: 'scores', logs: 'logarithms' };

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
