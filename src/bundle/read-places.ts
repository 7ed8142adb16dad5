/** Reading where the joints of a composition lie in its file. */
import { parseJson } from '../data/json.ts';
import { absentOr, integer, list, object } from '../data/shape.ts';
import type { FilePlaces, PlacedSize } from './places.ts';
import { comparison, evidence, tensor } from './read.ts';

const more = object({
  joints: list(integer(0, Number.MAX_SAFE_INTEGER)),
  sizes: absentOr(list(object<PlacedSize>({ ...comparison, evidence }))),
});

const places = object<FilePlaces>({
  tensors: list((value, path) => tensor(value, path) ?? more(value, path)),
  left: absentOr(integer(0, Number.MAX_SAFE_INTEGER)),
});

/** Reads that line of a record with so many joints; a clause without a full stop where it is none. Files of older compilers have none. */
export function readPlaces(line: string | undefined, joints: number): FilePlaces | undefined | string {
  if (line === undefined) return undefined;
  const json = parseJson(line);
  if (!json.ok) return `is no JSON: ${json.reason}`;
  const problem = places(json.value, '');
  if (problem !== undefined) return `has at \`${problem.path || 'the whole'}\` ${problem.found} where ${problem.expected} is expected`;
  const read = json.value as FilePlaces;
  const stray = read.tensors.flatMap((placed) => placed.joints).find((index) => index >= joints);
  return stray === undefined ? read : `speaks of joint ${stray}, and there are ${joints}`;
}
