import type { Verdict } from '../../align/index.ts';
import { element, type Markup } from '../markup.ts';

/** A sign beside the word: colour alone says nothing to some. */
const signs: Readonly<Record<Verdict, string>> = { PASS: '✓', FAIL: '✗', INCONCLUSIVE: '?' };

export const verdictMark = (verdict: Verdict): Markup => element('span', { class: `verdict ${verdict.toLowerCase()}` }, element('span', { 'aria-hidden': 'true' }, `${signs[verdict]} `), verdict);
