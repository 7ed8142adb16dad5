/** Weights that are yet to be learned: what says so, and the command that learns them. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at, type Location } from '../../text/source.ts';
import type { Checker } from '../context.ts';
import type { OwnedWeights } from '../model.ts';

/** The names of the fits of a part, in all modules that were read. */
const fitsOf = (owner: Symbol, { modules }: Checker): Location[] =>
  [...modules.scopes.values()].flatMap((module) => {
    const fit = module.ast.declarations.find((d) => d.kind === 'FitDecl' && module.names.get(d.name.text) === owner);
    return fit === undefined ? [] : [at(module, fit.name.span)];
  });

/** Why what needs these weights cannot be carried out, and what to type. */
export function waitsFor({ owner }: OwnedWeights, checker: Checker): string {
  const [fit] = fitsOf(owner, checker);
  const how = fit === undefined ? `declare \`fit ${owner.name} { … }\`, and run it by \`mdl fit\`` : `run \`mdl fit ${checker.host.display(fit.uri)} ${owner.name}\` first`;
  return `the weights of \`${owner.name}\` are yet to be learned; ${how}`;
}

export function reportUnfitted({ owner, uri }: OwnedWeights, model: Symbol, checker: Checker): Diagnostic {
  const { host } = checker;
  const fits = fitsOf(owner, checker);
  const args = { file: host.display(uri), owner: owner.name, model: model.name };
  return foreignCodes.report('weight-unfitted', args, at(owner.module, owner.declaration.weights!.path.span), {
    label: 'no such file yet',
    related: fits.map((location) => ({ location, text: 'this fit is to write it' })),
    notes: [fits.length > 0 ? `Run \`mdl fit ${host.display(fits[0]!.uri)} ${owner.name}\`, which writes the file.` : `No module that was read declares \`fit ${owner.name} { … }\`. Declare one, and run \`mdl fit\` on its file.`],
  });
}
