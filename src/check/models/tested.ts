/** What is tested at run time of what an app gives. */
import type { Fact } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';

/** What no test of one batch can tell: what only its producer knows, and what is said of a whole data set. */
const believed: ReadonlySet<Fact['kind']> = new Set(['space', 'tokenizer', 'attribute', 'mean', 'std']);

/** The type with the facts that can be tested as what the runtime enforces. */
export const withTestedFacts = (type: TensorType): TensorType => ({ ...type, facts: type.facts.map((fact) => (believed.has(fact.kind) ? fact : { ...fact, evidence: 'enforced' })) });
