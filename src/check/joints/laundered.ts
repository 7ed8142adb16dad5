/** Spaces and tokenizers that a part claims of its result, and that neither its body nor its role bears out. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Label } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import type { Fact, NominalStatement } from '../../types/fact.ts';
import { showNominal } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Sides } from './joint.ts';
import { foundNominal, showDemand, showFound } from './nominal.ts';

type NominalFact = Fact & NominalStatement;

export interface Laundered {
  /** `Encode`, or `Encode.tokens` of a record. */
  readonly part: string;
  readonly claimed: string;
  readonly found: string | undefined;
}

/** The words for a claim that is not borne out. */
export function launderedArgs(fact: NominalFact, found: TensorType, part: string): Laundered {
  const known = foundNominal(found, fact.kind);
  return { part, claimed: showDemand(fact, known), found: showFound(fact, known) };
}

/** Where a claim stands; where that is not known, where it was declared. */
export const claimedAt = ({ location }: Fact, { related }: Pick<Sides, 'related'>): readonly Label[] => (location ? [{ location, text: 'claimed here' }] : related);

/**
 * Reports a `part` whose weights carry its result into a space, at its first word. Readers, and the tools that learn, judge and exchange what
 * leads from one space into another, go by the role; a part is what computes the same for all who call it.
 *
 * @param by where the weights are, as a sentence goes on: `what "./head.onnx" holds`
 */
export function reportCarryingPart({ declaration, module }: Symbol<PartDecl>, { part, claimed, found }: Laundered, by: string, related: readonly Label[]): Diagnostic {
  const { start } = declaration.span;
  const role = at(module, { start, end: start + 'part'.length });
  return jointCodes.report('space-laundered', { part, claimed, found, isPart: true }, role, {
    label: 'has no role',
    related,
    notes: [`A space changes only through a backbone, or through an adapter with weights that were fitted for it. Where those are ${by}, this is an adapter.`],
    fixes: [{ title: 'write `adapter`', edits: [{ location: role, text: 'adapter' }] }],
  });
}

/** A space or tokenizer that the body gives no reason for. */
export function reportLaundering(fact: NominalFact, found: TensorType, part: string, sides: Sides): Diagnostic {
  const nominal = foundNominal(found, fact.kind)?.nominal;
  const related = [...claimedAt(fact, sides), ...(nominal ? [{ location: nominal.location, text: 'found: this one' }] : [])];
  const args = launderedArgs(fact, found, part);
  if (fact.kind === 'tokenizer') {
    const label = nominal ? `tokenizer \`${showNominal(nominal)}\`` : 'no tokenizer is known';
    return jointCodes.report('tokenizer-mismatch', { to: sides.to, from: sides.from, promised: true, expected: args.claimed, found: args.found }, sides.location, { label, related, notes: ['An id is an index into one vocabulary, and no part makes ids of one into those of another.'] });
  }
  return jointCodes.report('space-laundered', args, sides.location, {
    label: nominal ? `lies in \`${showNominal(nominal)}\`` : 'lies in no declared space',
    related,
    notes: [
      'A space changes only through a backbone, or through an adapter that has `weights` which were fitted for it.',
      ...(nominal ? [] : ['Where the body calls a part that leaves the space as it is, that part says so: `keeps space`.']),
    ],
  });
}
