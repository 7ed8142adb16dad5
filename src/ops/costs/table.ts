/**
 * Multiply-adds by operator, for our nodes as for foreign ones: products that are added into a sum. What only adds,
 * compares, moves or maps element by element has none, so that most operators have no row here.
 */
import { intDim, type Dim } from '../../types/dim.ts';
import { ruleOf } from '../foreign/table.ts';
import { layerRules, microsoftLayerRules } from './layers.ts';
import { microsoftProductRules, productRules } from './products.ts';
import type { CostCall, CostRules } from './rule.ts';

const domains: Readonly<Record<string, CostRules>> = {
  '': { ...productRules, ...layerRules },
  'com.microsoft': { ...microsoftProductRules, ...microsoftLayerRules },
};

/** Operators that multiply and add by a scheme of their own. */
const uncounted: ReadonlySet<string> = new Set(['com.microsoft.LongformerAttention', 'com.microsoft.MoE', 'DFT', 'STFT']);

/** Undefined where it is not known how an operator works, or how large its operands are. */
export function multiplyAdds(call: CostCall): Dim | undefined {
  const { domain, op } = call.node;
  const rules = Object.hasOwn(domains, domain) ? domains[domain]! : {};
  if (Object.hasOwn(rules, op)) return rules[op]!(call);
  return ruleOf(call.node) === undefined || uncounted.has(domain === '' ? op : `${domain}.${op}`) ? undefined : intDim(0);
}
