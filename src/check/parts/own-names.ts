/** Defaults of a part's compile-time parameters that name what only its callers decide. */
import type { Place } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import type { Param } from '../../syntax/ast.ts';
import { namesIn } from '../../syntax/visit.ts';

/** Whether a name is a parameter of the part, or a size of its types. */
export function isOwnName(name: string, { declaration, module }: Symbol): boolean {
  if (declaration.kind !== 'PartDecl' || module.names.has(name)) return false;
  return declaration.params.some((param) => param.name.text === name || namesIn(param.type).some(({ text }) => text === name));
}

/** Where a default would differ from call to call, and what is written instead. */
export const callerDecides = (name: string, { name: parameter }: Param, { name: part }: Symbol): Place => ({
  label: 'its default',
  notes: [`What \`${name}\` is, each call says, and a default of a part is one value for all calls. Leave it out, and each call gives \`${parameter.text}\`; a size that \`${part}\` computes of others can be written in its body and its types.`],
});
