/** What an ONNX file records of the files in which weights of it lie: paths from its folder, and digests. */
import { parseJson } from '../data/json.ts';
import { list } from '../data/shape.ts';
import type { ManifestFile } from './manifest.ts';
import { bundleFile } from './read.ts';

/** The line's key in the metadata, behind the prefix. */
export const dataKey = 'data';

const files = list(bundleFile);

/** Reads that line; a clause without a full stop where it is none. A file without it has all its weights inside. */
export function readDataFiles(line: string | undefined): readonly ManifestFile[] | string {
  if (line === undefined) return [];
  const json = parseJson(line);
  if (!json.ok) return `is no JSON: ${json.reason}`;
  const problem = files(json.value, '');
  return problem === undefined ? (json.value as readonly ManifestFile[]) : `has at \`${problem.path || 'the whole'}\` ${problem.found} where ${problem.expected} is expected`;
}
