/** All places of a module, or of several, that stand for one thing. */
import type { Host } from '../host/host.ts';
import { resolveModules, type ModuleScope } from '../names/modules.ts';
import { parse } from '../syntax/index.ts';
import { offsetAt, type Position } from '../text/source.ts';
import type { Place, Range } from './answers.ts';
import { occurrenceAt, occurrencesIn } from './occurrences.ts';
import { keyOf, type Occurrence } from './targets.ts';
import { pointAt, rangeOf, type View } from './view.ts';

/** An occurrence and the module that it stands in. */
export interface Found extends Occurrence {
  readonly scope: ModuleScope;
}

/**
 * The occurrences of the thing at a position, in the module itself and in those of `workspace` and all they import.
 * Names alone are read, no types.
 */
export function findAll(uri: string, position: Position, workspace: readonly string[], host: Host): readonly Found[] {
  const { scopes } = resolveModules([uri, ...workspace.filter((other) => other !== uri)], host, parse);
  const scope = scopes.get(uri);
  const occurrence = scope && occurrenceAt(scope, offsetAt(scope.source, position), host);
  if (occurrence === undefined) return [];
  return occurrencesOf(keyOf(occurrence.target), scopes.values(), host);
}

export const occurrencesOf = (key: string, scopes: Iterable<ModuleScope>, host: Host): Found[] =>
  [...scopes].flatMap((scope) =>
    occurrencesIn(scope, host).flatMap((found) => (keyOf(found.target) === key ? [{ ...found, scope }] : [])),
  );

/** @param workspace URIs of the modules to search besides the one asked from */
export function references(view: View, uri: string, position: Position, workspace: readonly string[], withDeclaration: boolean): Place[] {
  const found = findAll(uri, position, workspace, view.host).filter(({ declares }) => withDeclaration || !declares);
  return found.map(({ scope, span }) => ({ uri: scope.uri, range: rangeOf(scope.source, span) }));
}

/** The places of this module that stand for the same thing. */
export function highlights(view: View, uri: string, position: Position): Range[] {
  const point = pointAt(view, uri, position);
  const occurrence = point && occurrenceAt(point.scope, point.offset, view.host);
  if (point === undefined || occurrence === undefined) return [];
  const { scope } = point;
  return occurrencesOf(keyOf(occurrence.target), [scope], view.host).map(({ span }) => rangeOf(scope.source, span));
}
