/** A reshape in the place of a transposition: it runs, and every axis has the size that was wanted. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { sizesAt, type AttributeValues } from '../../ops/operator.ts';
import { reshapedAxes, type Turn } from '../../ops/reshaped-axes.ts';
import { at, type Span } from '../../text/source.ts';
import { showDim } from '../../types/dim.ts';
import { showTensor } from '../../types/show.ts';
import type { Axis } from '../../types/type.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { Argument } from './call.ts';

/** Judges a reshape that a body writes, by the sizes that the body has for all its callers. */
export function judgeReshape(args: readonly Argument[], attributes: AttributeValues, span: Span, env: Env): void {
  const x = args.find(({ name }) => name === undefined || name.text === 'x');
  if (x?.value.kind !== 'tensor' || x.value.type.shape.rest !== undefined) return;
  const { type } = x.value;
  const sizes = sizesAt(attributes, 'shape');
  const found = reshapedAxes(type.shape, sizes);
  if (found === undefined) return;
  const moved = found.moved.map((axis) => type.shape.axes[axis]!);
  const isNamed = found.turn !== undefined && found.turn.kind !== 'cut' && moved.every(({ label }) => label !== undefined);
  const said = { axes: moved.map(called), found: showTensor(type), shape: `[${sizes.map(showDim).join(', ')}]` };
  const notes = ['Elements stay as they follow one another, and are only counted otherwise. What puts axes in another order is `onnx.Transpose`.'];
  const place = {
    label: 'moves no element',
    related: [{ location: at(env.scope.module, x.expr.span), text: `this is ${said.found}` }],
    notes: isNamed ? notes : [...notes, 'Where the elements are to be read so, make one axis of them first, and of that the others.'],
    fixes: found.turn === undefined ? [] : turnFix(found.turn, x, args, span, env),
  };
  const location = at(env.scope.module, span);
  env.report(isNamed ? jointCodes.report('reshaped-labels', said, location, place) : jointCodes.report('reshaped-order', said, location, place));
}

const called = ({ label, size }: Axis): string => `\`${label ?? showDim(size)}\``;

/** The transposition, as a call or as a stage of a pipe. */
function turnFix(turn: Turn, x: Argument, args: readonly Argument[], span: Span, env: Env): Fix[] {
  const { module } = env.scope;
  const shape = args.find(({ name }) => name?.text === 'shape');
  if (shape === undefined) return [];
  const calls = callsOf(turn, writtenAt(shape.expr, module));
  const isPiped = x.expr.span.end <= span.start;
  const text = isPiped ? calls.map(([operator, attribute]) => `onnx.${operator}(${attribute})`).join(' |> ') : calls.reduce((inner, [operator, attribute]) => `onnx.${operator}(${inner}, ${attribute})`, writtenAt(x.expr, module));
  return [{ title: `write \`${text}\``, edits: [replaceAt(span, text, module)] }];
}

function callsOf(turn: Turn, shape: string): readonly (readonly [operator: string, attribute: string])[] {
  const transpose = ['Transpose', `perm: [${turn.perm.join(', ')}]`] as const;
  if (turn.kind === 'permuted') return [transpose];
  return turn.kind === 'joined' ? [transpose, ['Reshape', `shape: ${shape}`]] : [['Reshape', `shape: [${turn.sizes.map(showDim).join(', ')}]`], transpose];
}
