/** Lines of a verdict, from what was found. */
import { expect, test } from 'vitest';
import type { CheckedRequirement } from '../../src/check/tools/index.ts';
import { judgeRequirement, type JudgedSwap } from '../../src/toolkit/verify/requirement.ts';
import { showAblation, showRequirement } from '../../src/toolkit/verify/show-verdict.ts';

const requirement = (name: string): CheckedRequirement => ({ metric: { name, inputs: new Map(), options: new Map() }, op: '>=', bound: { kind: 'value', value: 0.5 }, location: { uri: 'memory:///a.mdl', span: { start: 0, end: name.length + 7 } } }) as unknown as CheckedRequirement;
const swapWith = (gates: readonly object[]): JudgedSwap => ({ swap: 'Old by New in M', gates, data: { measured: [undefined], split: { fit: [], calibrate: [], test: [] } }, recall: undefined }) as unknown as JudgedSwap;
const shown = (name: string, swaps: readonly JudgedSwap[]): string => showRequirement(judgeRequirement(requirement(name), 0, swaps, { ok: true, value: `${name} >= 0.5` }));

test('what is not measured says why', () => {
  const few = swapWith([{ gate: 'G1 alignment', verdict: 'INCONCLUSIVE', measures: [], reason: '16 rows to test on are too few to tell skill from luck.' }]);
  expect(shown('cka.value', [few])).toBe('cka.value >= 0.5: not measured, for 16 rows to test on are too few to tell skill from luck');
  expect(shown('concepts.cosine', [few])).toBe('concepts.cosine >= 0.5: not measured, for no head of classes is required, on vectors of one call');
  expect(shown('flips.negative', [few])).toBe('flips.negative >= 0.5: not measured, for no requirement looks at the classes of a head, which could flip');
  expect(shown('cka.value', [])).toBe('cka.value >= 0.5: not measured, for what G0 tells');
});

test('one component is no plural', () => {
  const found = { value: 0.5, interval: { low: 0.4, high: 0.6 } };
  const lines = showAblation({ head: 'kind', needed: 2, adapter: { with: found, without: undefined }, layers: [], components: [1, 2].map((kept) => ({ kept, variance: 0.25 * kept, own: found, bridged: found })) });
  expect(lines.slice(1, 3)).toEqual(['      1 component,  25.0 % of the variance: own 0.500 (0.400 to 0.600), bridged 0.500 (0.400 to 0.600)', '      2 components, 50.0 % of the variance: own 0.500 (0.400 to 0.600), bridged 0.500 (0.400 to 0.600)']);
});
