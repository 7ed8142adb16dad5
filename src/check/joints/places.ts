/**
 * Where the joints of a model lie in its program. A joint is written once in the source; of a part that is called twice it
 * lies in two places, with the sizes and facts that are known there.
 */
import type { Location } from '../../text/source.ts';
import { substituteTensor, type Bindings } from '../../types/bindings.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { pairTensors } from './joint.ts';
import type { Joint } from '../model.ts';
import type { Value } from '../expressions/values.ts';

/** A joint by where it stands and what it is called: `TopicHead.e`. */
export interface JointSite {
  readonly location: Location;
  readonly to: string;
}

/** A tensor of a joint at one place. */
export interface JointTensor extends JointSite {
  /** The program's value, behind the guards that the joint asks for. */
  readonly value: string;
  readonly found: TensorType;
  readonly demanded: TensorType;
}

/** Notes where a joint lies, while a model is lowered. The library's own joints are nobody's to read. */
export function placeJoint(site: JointSite, template: Type, value: Value, bindings: Bindings, env: Env): void {
  if (env.deep === undefined || env.scope.module.package === 'std') return;
  for (const { field, template: demanded, found } of pairTensors(template, value)) {
    const ref = value.kind === 'tensor' ? value.ref : value.kind === 'record' ? value.refs?.get(field ?? '') : undefined;
    if (ref !== undefined) env.deep.sink.place({ location: site.location, to: site.to, value: ref, found, demanded: substituteTensor(demanded, bindings) });
  }
}

/** A tensor in which a joint of the model lies. */
export interface PlacedTensor extends Omit<JointTensor, keyof JointSite> {
  /** Its index in the model's list. */
  readonly joint: number;
}

export interface Places {
  readonly tensors: readonly PlacedTensor[];
  /** How many more there are, beyond what is kept of one joint. */
  readonly left: number;
}

/** A joint of a part that is called a thousand times is told of its first calls: what is kept grows with the source. */
const mostOfOne = 16;

/** What was noted of these joints, each tensor once. */
export function placesOf(joints: readonly Joint[], noted: readonly JointTensor[]): Places {
  const keyOf = ({ location: { uri, span }, to }: JointSite): string => `${uri} ${span.start} ${span.end} ${to}`;
  const indices = new Map(joints.map((joint, index) => [keyOf(joint), index]));
  const values = joints.map(() => new Set<string>());
  const tensors = noted.flatMap(({ location, to, ...tensor }): PlacedTensor[] => {
    const joint = indices.get(keyOf({ location, to }));
    if (joint === undefined || values[joint]!.has(tensor.value)) return [];
    values[joint]!.add(tensor.value);
    return values[joint]!.size > mostOfOne ? [] : [{ ...tensor, joint }];
  });
  const all = values.reduce((sum, { size }) => sum + size, 0);
  return { tensors, left: all - tensors.length };
}
