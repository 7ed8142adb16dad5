/** Bodies grow by one operator after the other. */
import { showType, type Scope, type Step } from './drawing.ts';
import { elementwise, type Draw } from './elementwise.ts';
import { shapes } from './shapes.ts';
import { numberOf } from './sizes.ts';

const draws: Readonly<Record<string, Draw>> = { ...elementwise, ...shapes };
const kinds = Object.keys(draws);
/** Settled to the last bit by IEEE 754, of integers, or copies. */
const exactKinds = ['Identity', 'Neg', 'Abs', 'Relu', 'Ceil', 'Floor', '+', '-', '*', '/', 'Max', 'Min', 'Clip', 'Where', 'Not', 'And', 'Or', 'Less', 'Greater', 'Equal', 'Transpose', 'Unsqueeze', 'Squeeze', 'Flatten', 'Reshape', 'Expand', 'Tile', 'Concat', 'Slice', 'ReduceMax', 'ReduceMin', 'ArgMax', 'Cast', 'Cast to whole numbers'];
/** Of `float[...]`, with one operand or a number beside it. */
export const kindsOfAnyShape = ['Identity', 'Neg', 'Abs', 'Relu', '+', '-', '*', '/', 'Sqrt', 'Tanh', 'Sigmoid'];

/** One more value of a scope, of those that fit. */
export function grow(scope: Scope, among: readonly string[] = kinds, tries = 12): Step | undefined {
  for (let i = 0; i < tries; i++) {
    const kind = scope.pick(among);
    const drawn = draws[kind]!(scope);
    const step = drawn && { ...drawn, exact: exactKinds.includes(kind) && drawn.args.every(({ exact }) => exact === true) };
    if (step === undefined || step.type.dims.length > 5 || step.type.dims.some((n) => numberOf(n) !== undefined && numberOf(n)! < 1)) continue;
    if (step.type.dims.reduce((product, n) => product * (numberOf(n) ?? 3 * Object.keys(n).length), 1) > 3000) continue;
    scope.steps.push(step);
    return step;
  }
  return undefined;
}

/** A value of the same type that is another, and known as well. */
export function growAlike(scope: Scope, from: Step): Step {
  for (let i = 0; i < 10; i++) {
    const inner: Scope = { ...scope, steps: [from] };
    const step = grow(inner, exactKinds);
    if (step === undefined || showType(step.type) !== showType(from.type)) continue;
    scope.steps.push(step);
    return step;
  }
  return from;
}
