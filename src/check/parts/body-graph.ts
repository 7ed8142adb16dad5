/**
 * What parts that say in which space their result lies compute: the graphs of their bodies, by which `mdl.lock` knows them again. A network
 * or part inside that gives vectors of a space stands for what it is, for it is bound to that space by itself.
 */
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { resolvePath } from '../../names/paths.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import { sizeBindings, type Bindings } from '../../types/bindings.ts';
import { bareSymbol, symbolDim, type Dim } from '../../types/dim.ts';
import type { Nominal } from '../../types/fact.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import { followFrom, type Env, type Local } from '../env.ts';
import { evaluateBlock } from '../expressions/block.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { createGraph, graphSink, leafOf, printGraph, withoutTraces, type PrintedGraph, type ValueGraph } from '../files/value-graph.ts';
import type { BodyUse } from '../model.ts';
import { isKind } from '../types/declarations.ts';
import { sizeKey } from '../types/type-scope.ts';
import type { Value } from '../expressions/values.ts';
import { hasLearnedForm } from './learned-form.ts';
import { bodyEnv } from './part.ts';
import type { Signature } from './signature.ts';

/** A part that says of its result that it lies in a space. */
export interface SpaceClaim {
  readonly nominal: Nominal;
  readonly body: BodyUse;
}

/** Those of all parts that were checked, once for each space. */
export function claimsOfBodies(checker: Checker): readonly SpaceClaim[] {
  return [...checker.signatures.values()].flatMap((signature) => {
    const spaces = signature.symbol.module.package === 'std' ? new Map<string, Nominal>() : spacesOf(signature.result);
    return spaces.size === 0 || !isWatched(signature, checker) ? [] : [...spaces.values()].map((nominal) => ({ nominal, body: bodyUse(signature, nominal, checker) }));
  });
}

/** A `part` that reads vectors and has neither weights nor a network computes within a space, and makes none of its vectors anew. */
function isWatched({ symbol }: Signature, checker: Checker): boolean {
  if (!isKind(symbol, 'PartDecl')) return false;
  const { role, body, weights, source } = symbol.declaration;
  if (source !== undefined || (body === undefined && !hasLearnedForm(symbol.declaration))) return false;
  return role !== 'part' || weights !== undefined || reachedFrom(symbol, checker).some(({ declaration }) => declaration.kind === 'BackboneDecl' || (declaration.kind === 'PartDecl' && declaration.source !== undefined));
}

const tensorsBy = (type: Type): readonly (readonly [string, TensorType])[] => (type.kind === 'tensor' ? [['', type]] : type.kind === 'record' ? [...type.fields] : []);

const keyOf = ({ id, version }: Nominal): string => `${id}@${version}`;

function spacesOf(type: Type): ReadonlyMap<string, Nominal> {
  const facts = tensorsBy(type).flatMap(([, { facts: own }]) => own);
  return new Map(facts.flatMap((fact) => (fact.kind === 'space' && !fact.nominal.parameter ? [[keyOf(fact.nominal), fact.nominal]] : [])));
}

function bodyUse(signature: Signature, nominal: Nominal, checker: Checker): BodyUse {
  const { name, module, declaration: { name: { span }, weights } } = signature.symbol as Symbol<PartDecl>;
  const uri = weights && resolvePath(weights.path.value, module.uri);
  return {
    name,
    location: at(module, span),
    ...(uri === undefined ? {} : { weights: uri }),
    learned: weights?.learned ?? false,
    graph: () => graphOf(signature, nominal, checker),
  };
}

// ---------------------------------------------------------------- graphs

/** What of a body is made into vectors of a space; undefined where weights inside are yet to be learned, or not all can be followed. */
function graphOf(signature: Signature, nominal: Nominal, checker: Checker): ReturnType<BodyUse['graph']> {
  const known = checker.bodyGraphs.get(signature)?.get(keyOf(nominal));
  const printed = known ?? printedGraph(signature, nominal, checker);
  if (printed === undefined) return undefined;
  checker.bodyGraphs.set(signature, (checker.bodyGraphs.get(signature) ?? new Map<string, PrintedGraph>()).set(keyOf(nominal), printed));
  if (printed.files.some((uri) => checker.host.stat(uri) === undefined)) return undefined;
  return { text: printed.text, files: printed.files.filter((uri) => !printed.bound.has(uri)), learned: checker.refits ? [...printed.learned] : [] };
}

function printedGraph(signature: Signature, nominal: Nominal, checker: Checker): PrintedGraph | undefined {
  const graph = createGraph(sizesOf(signature), checker);
  const value = withoutTraces(checker, () => followed(signature, graph));
  if (value?.kind !== 'tensor' && value?.kind !== 'record') return undefined;
  const claimed = tensorsBy(signature.result).filter(([, { facts }]) => facts.some((fact) => fact.kind === 'space' && keyOf(fact.nominal) === keyOf(nominal)));
  const results = claimed.map(([field]) => [field, value.kind === 'tensor' ? value.ref : value.refs?.get(field)] as const);
  return results.some(([, ref]) => ref === undefined || ref === '') ? undefined : printGraph(results as readonly (readonly [string, string])[], graph);
}

/** Sizes of the inputs are called by their places, and compile-time ones by theirs. */
function sizesOf({ tensors, statics, scope }: Signature): Bindings {
  const found = new Map<string, Dim>();
  const name = (key: string | undefined, place: string): void => {
    if (key !== undefined && !found.has(key)) found.set(key, symbolDim({ key: place, name: place, kind: 'rigid' }));
  };
  for (const [i, { type }] of tensors.entries())
    for (const [field, { shape }] of tensorsBy(type)) for (const [axis, { size }] of shape.axes.entries()) name(bareSymbol(size)?.key, `${i}.${field}.${axis}`);
  for (const [i, parameter] of statics.entries()) name(sizeKey(scope, parameter.name), `static ${i}`);
  return sizeBindings(found);
}

/** What a body comes to; undefined where it could not be followed. */
function followed(signature: Signature, graph: ValueGraph): Value | undefined {
  const { checker } = graph;
  const symbol = signature.symbol as Symbol<PartDecl>;
  const { body, weights } = symbol.declaration;
  // The form that `fit` gives a part without a body is the language's.
  if (body === undefined) return tensorNamed(leafOf(['affine'], graph), signature.result);
  const plain = bodyEnv(signature, checker, () => {}, undefined);
  const deep = followFrom(symbol, graphSink(graph, { templates: checker.sealedTemplates, seals: true, ofSpaces: true }), weights === undefined ? undefined : symbol);
  const env: Env = { ...plain, deep, locals: placed(signature, plain.locals, graph) };
  const value = evaluateBlock(body, env);
  return deep.budget.left === 0 || deep.budget.circular || deep.budget.gap ? undefined : value;
}

const tensorNamed = (ref: string, type: Type): Value => (type.kind === 'tensor' ? { kind: 'tensor', type, ref } : { kind: 'unknown' });

/** The inputs by their places; a number that each caller gives another one of is one that nobody writes. */
function placed({ tensors, statics }: Signature, locals: Env['locals'], graph: ValueGraph): Env['locals'] {
  const inner = new Map<string, Local>(locals);
  const put = (name: string, value: (known: Value) => Value): void => void inner.set(name, { ...locals.get(name)!, value: value(locals.get(name)!.value) });
  const leaf = (place: number, field: string): string => leafOf(['input', `${place}`, field], graph);
  for (const [i, { name }] of tensors.entries())
    put(name, (known) => {
      if (known.kind === 'tensor') return { ...known, ref: leaf(i, '') };
      return known.kind === 'record' ? { ...known, refs: new Map([...known.type.fields.keys()].map((field) => [field, leaf(i, field)])) } : known;
    });
  for (const [i, { name }] of statics.entries()) put(name, (known) => (known.kind === 'number' ? { ...known, value: i + Math.LN2 } : known));
  return inner;
}
