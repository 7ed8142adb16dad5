/** The defaults of a contract's parameters, where it is declared. They may name the parameters before them. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Edit, Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { ContractDecl, Name, Param } from '../../syntax/ast.ts';
import { namesIn } from '../../syntax/visit.ts';
import { writtenAt } from '../edits.ts';
import { setParameter } from './contract-scope.ts';
import { noParameters, type TypeScope } from './type-scope.ts';

/** Reports defaults that are no argument for their parameter, or name one that is not known before them. */
export function checkDefaults(symbol: Symbol<ContractDecl>, scope: TypeScope): void {
  const { params } = symbol.declaration;
  for (const [place, param] of params.entries()) {
    if (param.default === undefined) continue;
    const others = params.slice(place);
    const early = namesIn(param.default).find(({ text }) => others.some(({ name }) => name.text === text));
    if (early === undefined) setParameter(noParameters(), param, param.default, symbol, { ...scope, seen: new Map(), read: new Set(), chosen: new Map() });
    else reportEarly(early, param, symbol, scope);
  }
}

function reportEarly(name: Name, param: Param, { declaration: { params }, module }: Symbol<ContractDecl>, { report }: TypeScope): void {
  // Of two of one name, one may stand before it.
  const named = params.slice(params.indexOf(param)).find((other) => other.name.text === name.text)!;
  const isOwn = named === param;
  report(
    nameCodes.report('unknown-name', { name: name.text, what: 'parameter' }, at(module, name.span), {
      label: isOwn ? 'the parameter whose default this is' : 'declared behind it',
      related: isOwn ? [] : [{ location: at(module, named.name.span), text: 'declared here' }],
      notes: ['A default may name the parameters that stand before its own. All arguments are named, so their order says nothing else.'],
      fixes: isOwn ? [] : moveBefore(named, param, params, module),
    }),
  );
}

/** The named parameter put before the other one; none where its own default names parameters, too. */
function moveBefore(named: Param, param: Param, params: readonly Param[], module: Symbol['module']): Fix[] {
  if (named.default !== undefined && namesIn(named.default).some(({ text }) => params.some((other) => other.name.text === text))) return [];
  const before = params[params.indexOf(named) - 1]!;
  const start = param.span.start;
  const edits: Edit[] = [
    { location: at(module, { start, end: start }), text: `${writtenAt(named, module)}, ` },
    { location: at(module, { start: before.span.end, end: named.span.end }), text: '' },
  ];
  return [{ title: `put \`${named.name.text}\` before \`${param.name.text}\``, edits }];
}
