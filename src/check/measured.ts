/** What probes found true of facts that are somebody's word: such a fact is *measured*. No guard gives way to it. */
import type { ModuleScope, Symbol } from '../names/modules.ts';
import type { Fact } from '../types/fact.ts';
import { showStatement } from '../types/show.ts';
import type { TensorType, Type } from '../types/type.ts';

export interface MeasuredFact {
  /** Of what a backbone gives; '' of a result that is one tensor. */
  readonly field: string;
  /** As it is declared: `norm(-1) == 1 +- 0.001`. */
  readonly statement: string;
  /** `probe Spaces on 2026-11-22: a norm from 0.9999 to 1 on 2,000 rows` */
  readonly because: string;
}

/** By part: see `partKey`. */
export type Measured = ReadonlyMap<string, readonly MeasuredFact[]>;

export const nothingMeasured: Measured = new Map();

export const partKey = ({ module, name }: Symbol): string => `${module.uri}#${name}`;

/** A declared fact of what a part gives, as it is known beside what was measured of it. */
export function withMeasurement(fact: Fact, field: string, part: Symbol, measured: Measured): Fact {
  if (fact.evidence !== 'declared') return fact;
  const statement = showStatement(fact);
  const found = measured.get(partKey(part))?.find((one) => one.field === field && one.statement === statement);
  return found === undefined ? fact : { ...fact, evidence: 'measured', because: found.because };
}

/** What a part or backbone gives, beside what was measured of it. */
export function withMeasurements(type: Type, part: Symbol, measured: Measured): Type {
  if (!measured.has(partKey(part)) || type.kind === 'unknown') return type;
  const known = (tensor: TensorType, field: string): TensorType => ({ ...tensor, facts: tensor.facts.map((fact) => withMeasurement(fact, field, part, measured)) });
  if (type.kind === 'tensor') return known(type, '');
  return { ...type, fields: new Map([...type.fields].map(([field, tensor]) => [field, known(tensor, field)])) };
}

/** The modules that declare what was measured, and those that import one of them, directly or not. */
export function touchedBy(measured: Measured, scopes: Iterable<ModuleScope>): ReadonlySet<ModuleScope> {
  const uris = new Set([...measured.keys()].map((key) => key.slice(0, key.lastIndexOf('#'))));
  const touched = new Set<ModuleScope>();
  // Imported modules come before their importers, but in circles.
  const all = [...scopes];
  for (let before = -1; before < touched.size; ) {
    before = touched.size;
    for (const scope of all) if (uris.has(scope.uri) || [...scope.names.values()].some((symbol) => touched.has(symbol.module))) touched.add(scope);
  }
  return touched;
}
