/** The parameters below a part with `weights`, against the safetensors file. */
import { foreignCodes } from '../diagnostics/codes/foreign.ts';
import { locate } from '../diagnostics/diagnostic.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { PartDecl } from '../syntax/ast.ts';
import type { Checker, WeightsTensor } from './context.ts';
import { checkTrainedClasses } from './classes.ts';
import { checkParameters, entryFor, noteUnclear, type Owned } from './weight-types.ts';
import { collectingSink, reportTooLarge } from './collect.ts';
import { followFrom, type Env, type Parameter } from './env.ts';
import { evaluateBlock } from './expr.ts';
import { bindIdentity, foreignFile } from './files.ts';
import type { Signature } from './signature.ts';

/** Where a parameter's elements lie. */
export interface WeightSource {
  readonly uri: string;
  readonly tensor: WeightsTensor;
  readonly transposed: boolean;
}

/** The file's tensor for a parameter of a checked part: mapped, or of the parameter's own path. */
export function weightSource(owner: Symbol<PartDecl>, path: string, checker: Checker): WeightSource | undefined {
  const { weights } = owner.declaration;
  const uri = weights && foreignFile(weights.path, 'weights', owner.module, checker);
  const file = uri === undefined ? undefined : checker.files.weights(uri);
  if (!file?.ok) return undefined;
  const entry = entryFor(owner.declaration, path);
  const tensor = file.value.tensors.get(entry?.to.value ?? path);
  return tensor && { uri: uri!, tensor, transposed: entry?.transposed ?? false };
}

/** All parameters that a part owns, found by following its body into the parts it calls; undefined where not all of it can be followed. */
export function collectParameters(signature: Signature, env: Env): Parameter[] | undefined {
  const found: Parameter[] = [];
  const declaration = signature.symbol.declaration as PartDecl;
  const deep = followFrom(signature.symbol, collectingSink(found), signature.symbol);
  const inner: Env = {
    ...env,
    report: () => {},
    joints: undefined,
    locals: new Map([...env.locals].filter(([name]) => declaration.params.some((p) => p.name.text === name))),
    deep,
  };
  if (declaration.body !== undefined) evaluateBlock(declaration.body, inner);
  // What a circle or a name without a meaning leaves out cannot be counted.
  if (reportTooLarge(signature.symbol, deep, env.checker) || deep.budget.circular || deep.budget.gap) return undefined;
  return found.filter((p) => p.owner === signature.symbol);
}

/** Checks the file of a part that declares `weights`; its parameters only where the body is sound. */
export function checkWeights(signature: Signature, env: Env, sound: boolean): void {
  const symbol = signature.symbol as Symbol<PartDecl>;
  const { checker } = env;
  const { weights } = symbol.declaration;
  const uri = weights && foreignFile(weights.path, 'weights', symbol.module, checker);
  if (weights === undefined || uri === undefined) return;
  const location = at(symbol.module, weights.path.span);
  const file = checker.files.weights(uri);
  if (!file.ok) {
    checker.diagnostics.push(locate(file.finding, location, { label: 'named here' }));
    return;
  }
  if (signature.result.kind === 'tensor') {
    for (const fact of signature.result.facts) if (fact.kind === 'space') bindIdentity(fact.nominal, uri, checker);
  }
  const name = checker.host.display(uri);
  const owned: Owned = { owner: symbol, uri, file: file.value, name, checker };
  const parameters = sound ? collectParameters(signature, env) : undefined;
  if (parameters === undefined) {
    noteUnclear(owned);
    return;
  }
  if (parameters.length === 0) {
    checker.diagnostics.push(foreignCodes.report('weight-unneeded', { owner: symbol.name }, at(symbol.module, weights.span), { label: 'nothing to fill' }));
    return;
  }
  // With another number of classes no size of the file can be right: the classes say it in the user's words.
  if (checkTrainedClasses(signature, file.value, name, location, checker) === 'another number') noteUnclear(owned);
  else checkParameters(parameters, owned);
}
