/** What an editor asks with, held to the protocol before it is believed. */

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isPosition = (value: unknown): boolean => isObject(value) && isCount(value['line']) && isCount(value['character']);
const isRange = (value: unknown): boolean => isObject(value) && isPosition(value['start']) && isPosition(value['end']);

export type Member = 'position' | 'range' | 'context' | 'newName';
/** What a member is, by what the protocol says of it wherever it stands. */
const members: Readonly<Record<Member, (value: unknown) => boolean>> = {
  position: isPosition,
  range: isRange,
  context: (value) => isObject(value) && (value['only'] === undefined || (Array.isArray(value['only']) && value['only'].every((kind) => typeof kind === 'string'))),
  newName: (value) => typeof value === 'string',
};

/** The first member of a request about a document that is missing or none of the protocol's; undefined where all are right. */
export function wrongMember(params: unknown, wanted: readonly Member[]): string | undefined {
  const document = isObject(params) ? params['textDocument'] : undefined;
  if (!isObject(params) || !isObject(document) || typeof document['uri'] !== 'string') return 'textDocument.uri';
  return wanted.find((name) => !members[name](params[name]));
}
