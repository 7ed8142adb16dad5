/** Comparisons of sizes that joints demand, derived anew from what each run tests of the sizes of its inputs. */
import type { ManifestSize } from '../../bundle/manifest.ts';
import type { PlacedSize } from '../../bundle/places.ts';
import { symbolDim, type Dim } from '../../types/dim.ts';
import { parseDim } from '../../types/dim-parse.ts';
import type { SizeStatement } from '../../types/fact.ts';
import { decideSize } from '../../types/size-bounds.ts';
import type { AuditedFact } from './audit-facts.ts';

type Comparison = Omit<ManifestSize, 'by'>;

/** `tensor` is the one at the joint, `tested` the comparisons that the runtime makes before each run. */
export function auditSize({ evidence, ...size }: PlacedSize, tensor: string, tested: readonly ManifestSize[]): AuditedFact {
  const statement = statementOf(size);
  const known = tested.flatMap((test) => statementOf(test) ?? []);
  const decided = statement === undefined ? 'unknown' : decideSize(statement, known);
  const isPlain = statement !== undefined && decideSize(statement) === decided;
  const used = tested.filter((test) => namesOf(test).some((name) => namesOf(size).includes(name)));
  const because = decided === 'unknown' ? '' : decided === 'refuted' ? `${showSize(size)} for no size` : isPlain ? 'for all sizes' : `each run tests ${used.map(showSize).join(', ')}`;
  return { tensor, what: showSize(size), evidence, verdict: verdicts[decided], because };
}

const verdicts = { proved: 'derived', refuted: 'contradicted', unknown: 'open' } as const;

/** `2*v >= 8` */
export const showSize = ({ left, op, right }: Comparison): string => `${left} ${op} ${right}`;

/** Undefined where a side is no expression over names. */
function statementOf({ left, op, right }: Comparison): SizeStatement | undefined {
  const [a, b] = [dimOf(left), dimOf(right)];
  return a === undefined || b === undefined ? undefined : { kind: 'size', op, left: a, right: b };
}

const namesOf = (size: Comparison): readonly string[] => showSize(size).match(/[A-Za-z_][\w.]*/g) ?? [];

const dimOf = (size: number | string): Dim | undefined => parseDim(`${size}`, (name) => symbolDim({ key: name, name, kind: 'rigid' }));
