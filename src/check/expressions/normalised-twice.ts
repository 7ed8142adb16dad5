/** A softmax or a sigmoid of what is a probability already, or of one number alone: it runs, and says next to nothing. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../../names/modules.ts';
import { numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { axisFromEnd, fromEnd } from '../../ops/shapes.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { libraryImportEdits } from '../imports.ts';
import { visit } from '../../syntax/visit.ts';
import type { TensorValue } from './values.ts';

const squashing: ReadonlySet<string> = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);

/** Sums and signs of a softmax's result; whatever is computed of it has lost the first. */
export const areShares = ({ facts }: TensorType): boolean =>
  facts.some((fact) => fact.kind === 'sum' && fact.value === 1) && facts.some((fact) => fact.kind === 'range' && fact.low >= 0);

const isSingle = ({ shape }: TensorType): boolean => shape.axes.length === 0 && shape.rest === undefined;

/** What an operator's result is as a probability, where its type does not say it. */
export function oddsOf({ name }: Operator, [a, b]: readonly TensorValue[], type: Type): TensorValue['odds'] {
  if (name === 'Sigmoid') return 'single';
  if (name === 'LogSoftmax' || (name === 'Log' && a !== undefined && areShares(a.type))) return 'logs';
  if (a === undefined || b === undefined) return undefined;
  if (name === 'MatMul' || name === 'Gemm') return areScores(a, b, type) ? 'scores' : undefined;
  if (name === 'Add' || name === 'Sub') return isShifted(a, b) || (name === 'Add' && isShifted(b, a)) ? 'scores' : undefined;
  if (name !== 'Mul' && name !== 'Div') return undefined;
  const scaled = isSingle(b.type) ? a : name === 'Mul' && isSingle(a.type) ? b : undefined;
  if (scaled?.odds === 'scores' || scaled?.odds === 'logs') return scaled.odds;
  return scaled !== undefined && (areShares(scaled.type) || scaled.odds === 'scaled') ? 'scaled' : undefined;
}

/** One number for each class by a matrix, of what was no probability and not of classes. */
const areScores = (a: TensorValue, b: TensorValue, type: Type): boolean =>
  type.kind === 'tensor' && type.shape.axes.at(-1)?.classes !== undefined && a.type.shape.axes.at(-1)?.classes === undefined && [a, b].every((value) => !areShares(value.type) && value.odds === undefined);

/** Scores or logarithms with a number for each class added, or with others. */
const isShifted = (scores: TensorValue, by: TensorValue): boolean =>
  (scores.odds === 'scores' || scores.odds === 'logs') && (by.odds === 'scores' || by.odds === 'logs' || (by.odds === undefined && by.type.shape.rest === undefined && by.type.shape.axes.length <= 1 && !areShares(by.type)));

/** By what is known of the operand. */
const sorts = {
  shares: {
    of: 'what sums to 1 already',
    label: 'these are probabilities already',
    note: 'Numbers between 0 and 1 come out nearly alike. Drop it; where a temperature is meant, take `onnx.Log` of the probabilities, and divide that by it.',
  },
  scaled: {
    of: 'what summed to 1 before it was scaled',
    label: 'these are scaled probabilities',
    note: 'A temperature divides scores, or the logarithm of probabilities: give what was there before the first softmax, or take `onnx.Log` of the probabilities. Their differences alone, of 1 at most, say little.',
  },
  single: {
    of: 'what a sigmoid made',
    label: 'these are probabilities already',
    note: 'Numbers between 0 and 1 come out nearly alike. A softmax is of classes that exclude each other, a sigmoid of each class for itself: take one of them.',
  },
};

export function warnOfShares(operator: Operator, [x]: readonly TensorValue[], attributes: AttributeValues, span: Span, env: Env): void {
  if (!squashing.has(operator.name) || x === undefined) return;
  const location = env.inferring?.sites[0] ?? at(env.scope.module, span);
  const sort = areShares(x.type) ? 'shares' : x.odds === 'scores' || x.odds === 'logs' ? undefined : x.odds;
  if (sort !== undefined) {
    const { of, label, note } = sorts[sort];
    const args = { operator: operator.name === 'Sigmoid' ? 'the sigmoid' : 'the softmax', of };
    tell(jointCodes.report('normalised-twice', args, location, { label, notes: [note], fixes: sort === 'scaled' ? [] : dropFix(location, env) }), span, env);
  } else if (operator.name !== 'Sigmoid' && isAlone(x.type, attributes)) {
    tell(
      jointCodes.report('one-class', { operator: operator.name === 'Softmax' ? 'softmax' : 'logarithm of a softmax', always: operator.name === 'Softmax' ? 1 : 0 }, location, {
        label: 'whatever the score is',
        notes: ['A softmax divides by the sum of all classes, and here is one. For yes or no take two classes, or the `sigmoid` of one score.'],
        fixes: sigmoidFix(location, env),
      }),
      span,
      env,
    );
  }
}

/** Each call is told, also where it is followed as another one before; but not a call of a body of which it was told already. */
export function tell(found: Diagnostic, span: Span, env: Env): void {
  env.checker.unsettled++;
  const inside = env.inferring === undefined ? [] : [...env.inferring.sites.slice(1), at(env.scope.module, span)];
  const isTold = env.checker.diagnostics.some(({ code, location }) => code === found.code && inside.some((place) => isSame(place, location)));
  if (!isTold) (env.inferring?.report ?? env.report)(found);
}

const isSame = (a: Location, b: Location): boolean => a.uri === b.uri && a.span.start === b.span.start && a.span.end === b.span.end;

function isAlone({ shape }: TensorType, attributes: AttributeValues): boolean {
  const axis = fromEnd(numberAt(attributes, 'axis'), shape);
  return axis !== undefined && constantOf(axisFromEnd(shape, axis).size) === 1;
}

/** Where it is the library's softmax that is called. */
function sigmoidFix({ uri, span }: Location, { checker }: Env): Fix[] {
  const module = checker.modules.scopes.get(uri);
  const name = /^softmax\b/.exec(module?.source.text.slice(span.start, span.end) ?? '')?.[0];
  const imports = module && libraryImportEdits('sigmoid', 'std/nn', module);
  if (module === undefined || name === undefined || imports === undefined || module.names.get(name)?.module.package !== 'std') return [];
  return [{ title: 'write `sigmoid`', edits: [replaceAt({ start: span.start, end: span.start + name.length }, 'sigmoid', module), ...imports] }];
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
