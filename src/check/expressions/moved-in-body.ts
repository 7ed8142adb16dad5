/** Classes that come through the body of a part, at their places or at others, along axes to which its signature gives no names of its own, or other ones. */
import type { Location } from '../../text/source.ts';
import { compareTensors, isElsewhere, type Mismatch } from '../../types/match.ts';
import type { Axis, Shape, TensorType, Trained, Type } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { pairTensors } from '../joints/joint.ts';
import { reportMismatch } from '../joints/mismatch.ts';
import { reportTrained } from '../parts/classes.ts';
import { tensorsOf, type Signature } from '../parts/signature.ts';
import type { Bound } from './arguments.ts';
import { reportComingThrough } from './report-in-body.ts';
import type { Value } from './values.ts';

/**
 * The type of a call's result with where the body has put the classes of each axis. `declared` is the signature's own type of it: what it
 * names is its word; names that only came from the arguments hold no longer where elements have moved, and a plain number does not make them others.
 */
export function withMoved(type: TensorType, declared: TensorType, inferred: TensorType): TensorType {
  const { shape } = type;
  const [from, own] = [inferred.shape, declared.shape];
  if (!from.axes.some(isCounted) || from.axes.length !== shape.axes.length || from.rest?.key !== shape.rest?.key || from.rest?.at !== shape.rest?.at) return type;
  const axes = shape.axes.map((axis, i) => (ownAxis(own, i, shape.axes.length)?.classes === undefined ? movedAxis(axis, from.axes[i]!) : axis));
  return axes.every((axis, i) => axis === shape.axes[i]) ? type : { ...type, shape: { ...shape, axes } };
}

const isCounted = ({ classes, moved, trained }: Axis): boolean => classes !== undefined || moved !== undefined || trained !== undefined;

/** The axis of a signature at a place among `count` that its `...` may stand for some of; undefined of these. */
function ownAxis({ axes, rest }: Shape, place: number, count: number): Axis | undefined {
  if (rest === undefined || place < rest.at) return axes[place];
  const fromEnd = count - place;
  return fromEnd <= axes.length - rest.at ? axes.at(-fromEnd) : undefined;
}

function movedAxis(axis: Axis, { classes: named, moved: put, trained }: Axis): Axis {
  const moved = named === undefined ? put : { classes: named, values: named.values };
  // What weights on the way were trained to count, it counts still.
  const counted = trained === undefined || axis.classes !== undefined || axis.trained !== undefined ? axis : { ...axis, trained };
  if (moved === undefined || (axis.classes !== undefined && (named !== undefined || !isElsewhere(axis.classes, moved)))) return counted;
  const { classes: _, ...unnamed } = counted;
  return { ...unnamed, moved };
}

/** Tells of a result whose names the signature says, where the names of an argument came through the body and are others there. */
export function judgeNames(signature: Signature, bound: Bound, value: Value, type: Type, site: Location, env: Env): void {
  const { symbol } = signature;
  const own = new Set(signature.tensors.flatMap((parameter) => tensorsOf(parameter.type)).flatMap(countedBy));
  // What its own inputs count, the part was held to where it stands.
  const given = new Set([...bound.tensors.values()].flatMap((arg) => (arg.value.kind === 'tensor' || arg.value.kind === 'record' ? tensorsOf(arg.value.type) : [])).flatMap(countedBy).filter((id) => !own.has(id)).concat(trainedIn(bound)));
  if (given.size === 0) return;
  const declared = pairTensors(signature.result, value);
  for (const [i, { template, found, field }] of pairTensors(type, value).entries()) {
    const { shape } = declared[i]!.template;
    const mismatch = compareTensors(template, found).filter(isOfNames).find((each) => ownAxis(shape, each.axis, found.shape.axes.length)?.classes !== undefined && contradicts(each) && given.has(idOf(each)));
    if (mismatch === undefined) continue;
    const already = mismatch.kind === 'trained' ? 'come of weights that were trained with names' : 'have names already';
    const note = `\`${symbol.name}\` takes a plain number of scores and gives them names. Those that it gets here ${already}, and they come through its body.`;
    reportComingThrough({ symbol, field, note }, (sides) => (mismatch.kind === 'trained' ? reportTrained(mismatch, sides, env.checker) : reportMismatch(mismatch, template, found, sides)), site.span, env);
  }
}

/** What the arguments count of which weights say it, where their parameters name nothing. */
const trainedIn = ({ tensors }: Bound): readonly string[] =>
  [...tensors].flatMap(([{ type }, { value }]) =>
    pairTensors(type, value).flatMap(({ template, found: { shape } }) => shape.axes.flatMap(({ trained }, i) => (trained === undefined || ownAxis(template.shape, i, shape.axes.length)?.classes !== undefined ? [] : [trainedId(trained)]))),
  );

type NamesMismatch = Mismatch & { readonly kind: 'classes' | 'moved' | 'trained' };
const isOfNames = (mismatch: Mismatch): mismatch is NamesMismatch => mismatch.kind === 'classes' || mismatch.kind === 'moved' || mismatch.kind === 'trained';

/** Names that say nothing of these may be given to what had others. */
function contradicts(mismatch: NamesMismatch): boolean {
  if (mismatch.kind === 'trained') return mismatch.expected.values.some((value, place) => mismatch.found.values.includes(value) && mismatch.found.values[place] !== value);
  return mismatch.kind === 'moved' || isElsewhere(mismatch.expected.classes!, { classes: mismatch.found.classes!, values: mismatch.found.classes!.values });
}

function idOf(mismatch: NamesMismatch): string {
  if (mismatch.kind === 'trained') return trainedId(mismatch.found);
  return mismatch.kind === 'moved' ? mismatch.found.classes.id : mismatch.found.classes!.id;
}

const trainedId = ({ location: { uri, span } }: Trained): string => `${uri}:${span.start}`;
const countedBy = ({ shape }: TensorType): readonly string[] => shape.axes.flatMap(({ classes, moved }) => (classes ?? moved?.classes)?.id ?? []);
