/** Where the joints of a model lie in one of its ONNX files: which tensors, and what of them is to be derived anew by an audit. */
import type { Evidence } from '../bundle/manifest.ts';
import type { FilePlaces, PlacedSize, PlacedTensor } from '../bundle/places.ts';
import type { CheckedModel } from '../check/model.ts';
import type { Program } from '../ir/program.ts';
import { compareEvidence } from '../types/evidence.ts';
import type { Fact } from '../types/fact.ts';
import { implying } from '../types/implies.ts';
import type { TensorType } from '../types/type.ts';
import { describeSize, describeTensor } from './manifest.ts';

/**
 * Each tensor once, with all that joints demand of it. `program` is the model's or a part of it, `names` the file's names for
 * its values. What a part is given by another one is told of there.
 */
export function describePlaces({ places, program: whole }: CheckedModel, program: Program, names: ReadonlyMap<string, string>): FilePlaces {
  const ours = new Set(whole.inputs.map(({ value }) => value));
  const given = new Set(program.inputs.map(({ value }) => value).filter((value) => !ours.has(value)));
  const found = new Map<string, PlacedTensor>();
  for (const { joint, value, found: type, demanded } of places.tensors) {
    const meant = program.same?.get(value) ?? value;
    const onnx = names.get(meant);
    if (onnx === undefined || given.has(meant)) continue;
    const known = found.get(onnx);
    const { facts, ...tensor } = describeTensor(onnx, { ...type, facts: factsOf(type, demanded) });
    const joints = [...new Set([...(known?.joints ?? []), joint])];
    const sizes = merge([...(known?.sizes ?? []), ...sizesOf(type, demanded)]);
    found.set(onnx, { ...tensor, dims: tensor.dims.map(({ size }) => ({ size })), facts: merge([...(known?.facts ?? []), ...facts]), ...(sizes.length === 0 ? {} : { sizes }), joints });
  }
  return { tensors: [...found.values()], ...(places.left === 0 ? {} : { left: places.left }) };
}

/** What is demanded, as it is known here. */
const factsOf = (found: TensorType, demanded: TensorType): readonly Fact[] =>
  demanded.facts.flatMap((fact): Fact[] => {
    const known = implying(found, fact);
    return known === undefined ? [] : [{ ...fact, evidence: known.evidence, ...(known.evidence === 'measured' && known.because !== undefined ? { because: known.because } : {}) }];
  });

/** What follows for sizes by itself is proved; the checker let the rest pass because each run tests it of its inputs. */
const sizesOf = (found: TensorType, demanded: TensorType): readonly PlacedSize[] =>
  demanded.facts.flatMap((fact): PlacedSize[] => {
    if (fact.kind !== 'size') return [];
    const evidence = implying(found, fact)?.evidence ?? 'enforced';
    return [{ left: describeSize(fact.left), op: fact.op, right: describeSize(fact.right), evidence }];
  });

/** Equal facts once, by the best of their evidence. */
function merge<T extends { readonly evidence: Evidence; readonly because?: string }>(facts: readonly T[]): readonly T[] {
  const merged = new Map<string, T>();
  for (const fact of facts) {
    const key = JSON.stringify({ ...fact, evidence: undefined, because: undefined });
    const before = merged.get(key);
    if (before === undefined || compareEvidence(fact.evidence, before.evidence) < 0) merged.set(key, fact);
  }
  return [...merged.values()];
}
