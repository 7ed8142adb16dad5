/** The parameters below a part with `weights`, against the safetensors file; a file that a `fit` is to write may be missing. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { locate } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { checkTrainedClasses, classesOf } from './classes.ts';
import { collectingSink, reportTooLarge } from '../expressions/collect.ts';
import type { Callable, Checker, WeightsFile, WeightsTensor } from '../context.ts';
import { removeClause } from '../edits.ts';
import { followFrom, type Env, type Parameter } from '../env.ts';
import { absentFile, bindIdentity, foreignFile } from '../files/files.ts';
import type { OwnedWeights } from '../model.ts';
import type { TensorType } from '../../types/type.ts';
import type { Signature } from './signature.ts';
import { checkParameters, entryFor, noteUnclear, staticDims, type Owned } from './weight-types.ts';

/** The weights file of a part, as it was read. */
export interface WeightsOf {
  readonly uri: string;
  readonly file: WeightsFile;
}

/** Where a parameter's elements lie. */
export interface WeightSource {
  readonly uri: string;
  readonly tensor: WeightsTensor;
  readonly transposed: boolean;
}

/** The file of a part that was checked. */
export function weightsOf(owner: Symbol<Callable>, { weights, files }: Checker): WeightsOf | undefined {
  const uri = weights.find((owned) => owned.owner === owner)?.uri;
  const file = uri === undefined ? undefined : files.weights(uri);
  return file?.ok ? { uri: uri!, file: file.value } : undefined;
}

/** The file's tensor for a parameter: mapped, or of the parameter's own path. */
export function weightSource(owner: Symbol<Callable>, path: string, { uri, file }: WeightsOf): WeightSource | undefined {
  const entry = entryFor(owner.declaration, path);
  const tensor = file.tensors.get(entry?.to.value ?? path);
  return tensor && { uri, tensor, transposed: entry?.transposed ?? false };
}

/** All parameters that a part owns, found by following the calls of its body that leave theirs to it; undefined where not all of it can be followed. */
export function collectParameters({ symbol }: Signature, { owned, checker }: Env): Parameter[] | undefined {
  const found: Parameter[] = [];
  const deep = followFrom(symbol, collectingSink(found, checker), symbol);
  for (const tell of owned?.told ?? []) tell(deep);
  // What a circle or a name without a meaning leaves out cannot be counted.
  if (reportTooLarge(symbol, deep, checker) || deep.budget.circular || deep.budget.gap || owned?.gap) return undefined;
  return found.filter((p) => p.owner === symbol);
}

/**
 * Checks the file of a part or backbone that declares `weights`, and what the file is part of: the spaces of these types.
 * Its parameters are looked for only where all is sound.
 */
export function checkWeights(signature: Signature, made: readonly TensorType[], env: Env, collect: (() => readonly Parameter[] | undefined) | undefined): void {
  const { symbol } = signature;
  const { checker } = env;
  const { weights } = symbol.declaration;
  if (weights === undefined) return;
  const expected = weights.learned ? absentFile(weights.path, symbol.module, checker) : undefined;
  const uri = expected ?? foreignFile(weights.path, 'weights', symbol.module, checker);
  if (uri === undefined) return;
  const location = at(symbol.module, weights.path.span);
  const owned: Owned = { owner: symbol, uri, file: undefined, name: checker.host.display(uri), checker };
  const parameters = collect?.();
  const read = expected === undefined ? checker.files.weights(uri) : undefined;
  const file = checker.refits && weights.learned && isStale(read, parameters, owned, signature, env) ? undefined : read;
  if (file !== undefined && !file.ok) {
    checker.diagnostics.push(locate(file.finding, location, { label: 'named here' }));
    return;
  }
  if (file !== undefined) {
    for (const fact of made.flatMap(({ facts }) => facts)) if (fact.kind === 'space' && !fact.nominal.parameter) bindIdentity({ nominal: fact.nominal, uri }, checker);
  }
  if (parameters === undefined) {
    noteUnclear({ ...owned, file: file?.value });
    return;
  }
  if (parameters.length === 0) {
    checker.diagnostics.push(foreignCodes.report('weight-unneeded', { owner: symbol.name }, at(symbol.module, weights.span), { label: 'nothing to fill', fixes: [removeClause('leave out the weights', weights, symbol.module)] }));
    return;
  }
  // With another number of classes no size of the file can be right: the classes say it in the user's words.
  const held = { ...owned, file: file?.value };
  if (file !== undefined && checkTrainedClasses(signature, file.value, owned, location, env) === 'another number') noteUnclear(held);
  else if (checkParameters(parameters, held)) checker.weights.push(ownedWeights(parameters, classesOf(signature)?.values, held));
}

/** Whether a file cannot be read as these parameters any more; what there is to say of it is said to nobody. */
function isStale(file: ReturnType<Env['checker']['files']['weights']> | undefined, parameters: readonly Parameter[] | undefined, owned: Owned, signature: Signature, env: Env): boolean {
  if (file === undefined || parameters === undefined) return false;
  if (!file.ok) return true;
  const checker = { ...owned.checker, diagnostics: [], reads: [] };
  const unheard: Env = { ...env, checker, report: () => {} };
  const location = at(owned.owner.module, owned.owner.declaration.weights!.path.span);
  return checkTrainedClasses(signature, file.value, owned, location, unheard) !== undefined || !checkParameters(parameters, { ...owned, file: file.value, checker });
}

/** What a part owns, for those who fill the file: each parameter with its key in it, once. */
function ownedWeights(parameters: readonly Parameter[], classes: readonly string[] | undefined, { owner, uri, file }: Owned): OwnedWeights {
  return {
    owner,
    uri,
    learned: owner.declaration.weights!.learned,
    present: file !== undefined,
    ...(classes === undefined ? {} : { classes }),
    parameters: parameters.map(({ path, type, init }) => {
      const entry = entryFor(owner.declaration, path);
      return {
        path,
        key: entry?.to.value ?? path,
        transposed: entry?.transposed ?? false,
        dtype: type.dtype as WeightsTensor['dtype'],
        dims: staticDims(type)!,
        ...(init === undefined ? {} : { init: init.initializer }),
      };
    }),
  };
}
