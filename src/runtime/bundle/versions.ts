/** Which files an answer was made by. */

/** Lower-case hexadecimal SHA-256 of the ONNX files. */
export interface Versions {
  /** The model, or its encoder where it is split. */
  readonly model: string;
  /** The heads that ran, by name; none of a model that is one file. */
  readonly heads: Readonly<Record<string, string>>;
}

const stamped = new WeakMap<object, Versions>();

/** Notes what an answer was made by, without changing it. */
export function stamp<T extends object>(answer: T, versions: Versions): T {
  stamped.set(answer, versions);
  return answer;
}

/** The versions that made an answer of `run`, `runMany` or a stream; undefined for anything else, and for copies. */
export const versionsOf = (answer: object): Versions | undefined => stamped.get(answer);
