/** `golden MODEL { data … tolerance … }`: answers that a model has to give again. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import { at } from '../../names/modules.ts';
import type { GoldenDecl } from '../../syntax/ast.ts';
import { lookupKind } from '../declarations.ts';
import type { CheckedGolden } from './model.ts';
import { checkData, nameLocation, reportIncomplete, single, type ToolScope } from './scope.ts';

export function checkGolden(declaration: GoldenDecl, scope: ToolScope): CheckedGolden | undefined {
  const { members, name } = declaration;
  const model = lookupKind(name, scope.module, ['ModelDecl'], 'model', scope.report);
  const dataClause = single(members.filter((m) => m.kind === 'DataClause'), 'data file', scope);
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
  if (model === undefined || data.length === 0) return undefined;
  return { kind: 'golden', declaration, model, uri: scope.module.uri, location: nameLocation(scope), data, tolerance: tolerance?.value };
}
