/** Which class stands where: what weights say of it, what only its author knows of a file, and names that are given to a plain number. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { StringLit } from '../../syntax/ast.ts';
import { relativePath } from '../../text/paths.ts';
import { at, type Location } from '../../text/source.ts';
import type { Diagnostic, Fix, Label } from '../../diagnostics/diagnostic.ts';
import type { Bindings } from '../../types/bindings.ts';
import type { Evidence } from '../../types/fact.ts';
import { constantOf } from '../../types/dim.ts';
import { unnamedClasses, type Mismatch } from '../../types/match.ts';
import type { Classes, TensorType, Type } from '../../types/type.ts';
import type { Checker, WeightsFile } from '../context.ts';
import { replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { Joint, Requirement } from '../model.ts';
import type { Signature } from './signature.ts';

/**
 * A head's weights may carry `classes` (a JSON list) in their metadata; the labels must be those, in that order. Where
 * they carry none, the order is somebody's word. Answers with how the two differ, which is reported; undefined where
 * they do not.
 */
export function checkTrainedClasses(signature: Signature, file: WeightsFile, { name, uri }: { readonly name: string; readonly uri: string }, location: Location, env: Env): 'another number' | 'another order' | undefined {
  const { checker } = env;
  const trained = parseList(file.metadata['classes']);
  const classes = classesOf(signature);
  if (classes === undefined) return undefined;
  // What is recorded of a joint is the same wherever one builds.
  env.joints?.push({ location, from: relativePath(uri, location.uri), to: `${signature.symbol.name}'s classes`, requirements: [inOrder(classes, trained === undefined ? 'declared' : 'proved')] });
  if (trained === undefined) return undefined;
  const different = otherClasses(classes, trained, name);
  if (different === undefined) return undefined;
  checker.diagnostics.push(
    foreignCodes.report('weight-classes', different, location, {
      label: trainedWith(trained),
      related: [labelled(classes)],
      notes: [`${classesNote(trained)}${isLearned(signature) ? ' `mdl fit` learns it again in the order of the labels.' : ''}`],
      fixes: reorder(classes, trained, checker),
    }),
  );
  return trained.length === classes.values.length ? 'another order' : 'another number';
}

const trainedWith = (trained: readonly string[]): string => `trained with ${trained.length} class${trained.length === 1 ? '' : 'es'}`;
const labelled = ({ location, values }: Classes): Label => ({ location, text: `${values.length} label${values.length === 1 ? '' : 's'}` });
const classesNote = (trained: readonly string[]): string => `The file's classes are [${trained.map((t) => `"${t}"`).join(', ')}]. With another order every answer would carry a wrong name.`;

/** The first class that labels and a file have another name for. */
function otherClasses({ name: labels, values }: Classes, trained: readonly string[], file: string) {
  const length = Math.max(trained.length, values.length);
  const index = Array.from({ length }, (_, i) => i).find((i) => trained[i] !== values[i]);
  const show = (value: string | undefined, otherwise: string) => (value === undefined ? otherwise : `"${value}"`);
  return index === undefined ? undefined : { labels, file, index, declared: show(values[index], 'missing'), trained: show(trained[index], 'no class') };
}

/**
 * What a part with weights gives, with the classes of their file along the axis that counts them: where the part itself says a
 * plain number, names that it gets further on are compared with these.
 */
export function withTrained(result: Type, file: WeightsFile, name: string, location: Location): Type {
  const values = parseList(file.metadata['classes']);
  if (values === undefined || result.kind !== 'tensor' || result.shape.axes.some(({ classes }) => classes !== undefined)) return result;
  const { axes } = result.shape;
  const last = axes.findLastIndex(({ size }) => constantOf(size) === values.length);
  return last < 0 ? result : { ...result, shape: { ...result.shape, axes: axes.with(last, { ...axes[last]!, trained: { values, file: name, location } }) } };
}

/** Labels for what weights on the way were trained to count otherwise. */
export function reportTrained({ expected, found }: Mismatch & { readonly kind: 'trained' }, { location, related }: { readonly location: Location; readonly related: readonly Label[] }, checker: Checker): Diagnostic {
  return foreignCodes.report('weight-classes', otherClasses(expected, found.values, found.file)!, location, {
    label: `gets the names of \`${expected.name}\` here`,
    related: [...related, { location: found.location, text: trainedWith(found.values) }, labelled(expected)],
    notes: [classesNote(found.values)],
    fixes: reorder(expected, found.values, checker),
  });
}

/** The labels in the file's order, where the classes are the same. */
export function reorder({ name, location: { uri, span }, values }: Classes, trained: readonly string[], { modules }: Checker): Fix[] {
  const module = modules.scopes.get(uri);
  const declaration = module?.ast.declarations.find((each) => each.kind === 'LabelsDecl' && each.name.span.start === span.start);
  if (module === undefined || declaration?.kind !== 'LabelsDecl' || trained.length !== values.length || !values.every((value) => trained.includes(value))) return [];
  const edits = declaration.values.flatMap((value, i) => (value.value === trained[i] ? [] : [replaceAt(value.span, JSON.stringify(trained[i]), module)]));
  return [{ title: `list \`${name}\` in the file's order`, edits }];
}

const inOrder = ({ name }: Classes, evidence: Evidence): Requirement => ({ what: `the classes of ${name} in their order`, evidence });

/** Where a number of places gets the names of classes: their order is the word of whoever writes it. */
export const namedHere = (template: TensorType, found: TensorType, bindings: Bindings, prefix: string): Requirement[] =>
  unnamedClasses(template, found, bindings).map(({ classes, isTrained }) => {
    const { what, evidence } = inOrder(classes, isTrained ? 'proved' : 'declared');
    return { what: `${prefix}${what}`, evidence };
  });

/** The joints between a file and the classes that its declaration names: what an exporter noted of them is free text (`files/named-classes.ts`). */
export function classesOfFile({ symbol, result }: Signature, path: StringLit): Joint[] {
  const fields = result.kind === 'record' ? [...result.fields] : result.kind === 'tensor' ? [['', result] as const] : [];
  return fields.flatMap(([field, { shape }]) =>
    shape.axes.flatMap(({ classes }) => {
      const to = field === '' ? symbol.name : `${symbol.name}.${field}`;
      return classes === undefined ? [] : [{ location: at(symbol.module, path.span), from: path.value, to: `${to}'s classes`, requirements: [inOrder(classes, 'declared')] }];
    }),
  );
}

const isLearned = ({ symbol: { declaration } }: Signature): boolean => declaration.kind === 'PartDecl' && declaration.weights?.learned === true;

/** The labels along an axis of what a part gives. */
export const classesOf = ({ result }: Signature): Classes | undefined =>
  result.kind === 'tensor' ? result.shape.axes.flatMap((axis) => (axis.classes ? [axis.classes] : []))[0] : undefined;

function parseList(json: string | undefined): string[] | undefined {
  if (json === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // Metadata is free text; only a JSON list of strings is a statement about classes.
    return undefined;
  }
  return Array.isArray(value) && value.every((v) => typeof v === 'string') ? value : undefined;
}
