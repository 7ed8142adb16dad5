/** Which fits rest on others: their losses call parts whose weights another one learns. */
import type { CheckedFit } from '../../check/tools/index.ts';
import { calledBy } from '../../check/tools/terms.ts';
import type { Symbol } from '../../names/modules.ts';
import { referencesIn } from '../../syntax/references.ts';

/** What tells a part from others, whenever its module was read. */
const identityOf = ({ name, module }: Pick<Symbol, 'name' | 'module'>): string => `${module.uri}#${name}`;

/** The first of these fits, by their names, that learns a part which the loss of this one calls, directly or through others. */
export function neededOf(fit: CheckedFit, others: ReadonlyMap<string, CheckedFit>): string | undefined {
  if (others.size === 0) return undefined;
  const reached = new Set(fit.loss.flatMap(({ inputs }) => [...inputs.values()].flatMap(calledBy)));
  for (const { declaration, module } of reached)
    for (const name of referencesIn(declaration)) {
      const symbol = module.names.get(name.text);
      if (symbol !== undefined) reached.add(symbol);
    }
  const parts = new Set([...reached].map(identityOf));
  return [...others].find(([, { target }]) => parts.has(identityOf(target)))?.[0];
}
