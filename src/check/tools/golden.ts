/** `golden MODEL { swap … data … tolerance … }`: answers that a model has to give again, as it stands or with one head in the place of another. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { GoldenDecl, ModelDecl, SwapClause } from '../../syntax/ast.ts';
import { lookupKind } from '../types/declarations.ts';
import type { CheckedGolden, CheckedSwap } from './model.ts';
import { checkData, nameLocation, reportIncomplete, single, type ToolScope } from './scope.ts';
import { checkSwap } from './swap.ts';

export function checkGolden(declaration: GoldenDecl, scope: ToolScope): CheckedGolden | undefined {
  const { members, name } = declaration;
  const model = lookupKind(name, scope.module, ['ModelDecl'], 'model', scope.report);
  const dataClause = single(members.filter((m) => m.kind === 'DataClause'), 'data file', scope);
  const swapClause = single(members.filter((m) => m.kind === 'SwapClause'), 'swap', scope);
  const swap = swapClause && checkOwnSwap(swapClause, model, scope);
  const toleranceClause = single(members.filter((m) => m.kind === 'ToleranceClause'), 'tolerance', scope);
  const data = checkData(dataClause === undefined ? [] : [dataClause], scope);
  if (dataClause === undefined) reportIncomplete('no data', ['Write `data "./golden.jsonl"`: rows of inputs with the outputs that they had.'], scope);
  const tolerance = toleranceClause?.value;
  if (tolerance !== undefined && !(tolerance.value > 0)) {
    const args = { of: scope.tool, option: 'tolerance', needs: 'a number above 0', found: `\`${tolerance.text}\`` };
    const notes = ['Kernels of another device or another version round otherwise, so that equal numbers cannot be demanded.'];
    scope.report(toolCodes.report('option-value', args, at(scope.module, tolerance.span), { notes }));
    return undefined;
  }
  if (model === undefined || data.length === 0 || (swapClause !== undefined && swap === undefined)) return undefined;
  return { kind: 'golden', declaration, model, uri: scope.module.uri, location: nameLocation(scope), data, swap, tolerance: tolerance?.value };
}

/** A swap in the model itself. */
function checkOwnSwap(clause: SwapClause, model: Symbol<ModelDecl> | undefined, scope: ToolScope): CheckedSwap | undefined {
  const swap = checkSwap(clause, scope);
  if (swap === undefined || model === undefined || swap.model === model) return swap;
  const args = { part: swap.part.name, replacement: swap.replacement.name, why: `these rows are \`${model.name}\`'s, and the swap is in \`${swap.model.name}\`` };
  scope.report(toolCodes.report('swap-mismatch', args, at(scope.module, clause.model.span), { fixes: [{ title: `write \`${model.name}\``, edits: [{ location: at(scope.module, clause.model.span), text: model.name }] }] }));
  return undefined;
}
