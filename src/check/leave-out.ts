/** What is said of one port is taken back, or said otherwise, without a word changing for the others that read the same contract. */
import type { Fix } from '../diagnostics/diagnostic.ts';
import { contains, type Location } from '../text/source.ts';
import type { Fact, Statement } from '../types/fact.ts';
import { showStatement, showTensor } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import type { Checker } from './context.ts';
import { leaveOutFact } from './edits.ts';

/** Leaves a fact out of the type of a port, which is written at a place: where a contract says it, the type is written out without it. */
export function leaveOutHere(fact: Fact, type: TensorType, written: Location | undefined, checker: Checker): Fix[] {
  if (standsIn(fact, written)) return leaveOutFact(fact.location!, checker);
  const text = writtenOut(type.facts.filter((other) => other !== fact), type, written, fact);
  return text === undefined ? [] : [{ title: `leave out \`${showStatement(fact)}\` here`, edits: [{ location: written!, text }] }];
}

/** Says another fact in the place of one; the same way. */
export function sayHere(fact: Fact, instead: Statement, type: TensorType, written: Location | undefined, title: string): Fix[] {
  if (standsIn(fact, written)) return [{ title, edits: [{ location: fact.location!, text: showStatement(instead) }] }];
  const text = writtenOut(type.facts.map((other) => (other === fact ? { ...instead, evidence: fact.evidence } : other)), type, written, fact);
  return text === undefined ? [] : [{ title: `${title}, here`, edits: [{ location: written!, text }] }];
}

/** Whether a fact is said in a type that is written at a place, and not in a contract that this names. */
export const standsIn = ({ location }: Fact, written: Location | undefined): boolean => written !== undefined && location?.uri === written.uri && contains(written.span, location.span.start);

/** A type with these facts, as it would stand at the port; undefined where a mode stands behind some, or where names of another module are in it. */
function writtenOut(facts: readonly Fact[], type: TensorType, written: Location | undefined, { location }: Fact): string | undefined {
  const isElsewhere = location?.uri !== written?.uri && (type.shape.axes.some(({ classes }) => classes !== undefined) || facts.some((fact) => fact.kind === 'space' || fact.kind === 'tokenizer' || fact.kind === 'attribute'));
  if (written === undefined || isElsewhere || facts.some(({ violation }) => violation !== undefined)) return undefined;
  return `${showTensor(type)}${facts.length === 0 ? '' : ` where ${facts.map(showStatement).join(', ')}`}`;
}
