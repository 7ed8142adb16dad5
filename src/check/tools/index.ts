/** The declarations of tools: each is bound and checked here, and done later by the command of its name. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Declaration, ModelDecl } from '../../syntax/ast.ts';
import type { Checker } from '../context.ts';
import { removal } from '../edits.ts';
import type { Report } from '../types/type-scope.ts';
import { checkBudget } from './budget.ts';
import { checkFit } from './fit.ts';
import { checkGolden } from './golden.ts';
import type { CheckedTool } from './model.ts';
import { checkProbe } from './probe.ts';
import { checkRollout } from './rollout.ts';
import { toolScope } from './scope.ts';
import { checkVerify } from './verify.ts';

export type * from './model.ts';

/** The tools of a module, all of whose other declarations are checked. What is at fault is reported, and left out. */
export function checkTools(module: ModuleScope, checker: Checker): readonly CheckedTool[] {
  const report: Report = (diagnostic) => void checker.diagnostics.push(diagnostic);
  reportFitsOfOne(module, report);
  return module.ast.declarations.flatMap((declaration) => checkTool(declaration, module, checker, report) ?? []);
}

/** Two fits of one part would write one file. */
function reportFitsOfOne(module: ModuleScope, report: Report): void {
  const fits = module.ast.declarations.filter((declaration) => declaration.kind === 'FitDecl');
  for (const [i, fit] of fits.entries()) {
    const { name } = fit;
    const first = fits.slice(0, i).find((other) => other.name.text === name.text && name.text !== '');
    if (first === undefined) continue;
    const related = [{ location: at(module, first.name.span), text: 'first here' }];
    report(toolCodes.report('tool-repeated', { what: `fit of \`${name.text}\``, tool: 'this module' }, at(module, name.span), { label: 'said again here', related, fixes: removal([fit], `fit ${name.text}`, module) }));
  }
}

function checkTool(declaration: Declaration, module: ModuleScope, checker: Checker, report: Report): CheckedTool | undefined {
  const scope = (word: string) => toolScope(declaration, `${word} ${declaration.name.text}`, module, checker, report);
  switch (declaration.kind) {
    case 'FitDecl':
      return checkFit(declaration, scope('fit'));
    case 'VerifyDecl':
      return checkVerify(declaration, scope('verify'));
    case 'ProbeDecl':
      return checkProbe(declaration, scope('probe'));
    case 'GoldenDecl':
      return checkGolden(declaration, scope('golden'));
    case 'RolloutDecl':
      return checkRollout(declaration, scope('rollout'));
    case 'ModelDecl':
      return checkBudget(modelSymbol(declaration, module), checker, report);
    default:
      return undefined;
  }
}

/** The model's own symbol; one whose name is another's already has none in the module. */
function modelSymbol(declaration: ModelDecl, module: ModuleScope): Symbol<ModelDecl> {
  const known = module.names.get(declaration.name.text);
  return known?.declaration === declaration ? (known as Symbol<ModelDecl>) : { name: declaration.name.text, declaration, module };
}
