/** Labels against the classes that weights say they were trained with. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { relativePath } from '../../text/paths.ts';
import type { Location } from '../../text/source.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Checker, WeightsFile } from '../context.ts';
import { replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { Classes } from '../../types/type.ts';
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
  const what = `the classes of ${classes.name} in their order`;
  // What is recorded of a joint is the same wherever one builds.
  env.joints?.push({ location, from: relativePath(uri, location.uri), to: `${signature.symbol.name}'s classes`, requirements: [{ what, evidence: trained === undefined ? 'declared' : 'proved' }] });
  if (trained === undefined) return undefined;
  const count = Math.max(trained.length, classes.values.length);
  for (let index = 0; index < count; index++) {
    if (trained[index] === classes.values[index]) continue;
    const show = (value: string | undefined, otherwise: string) => (value === undefined ? otherwise : `"${value}"`);
    const args = { labels: classes.name, file: name, index, declared: show(classes.values[index], 'missing'), trained: show(trained[index], 'no class') };
    checker.diagnostics.push(
      foreignCodes.report('weight-classes', args, location, {
        label: `trained with ${trained.length} class${trained.length === 1 ? '' : 'es'}`,
        related: [{ location: classes.location, text: `${classes.values.length} label${classes.values.length === 1 ? '' : 's'}` }],
        notes: [`The file's classes are [${trained.map((t) => `"${t}"`).join(', ')}]. With another order every answer would carry a wrong name.${isLearned(signature) ? ' `mdl fit` learns it again in the order of the labels.' : ''}`],
        fixes: reorder(classes, trained, checker),
      }),
    );
    return trained.length === classes.values.length ? 'another order' : 'another number';
  }
  return undefined;
}

/** The labels in the file's order, where the classes are the same. */
function reorder({ name, location: { uri, span }, values }: Classes, trained: readonly string[], { modules }: Checker): Fix[] {
  const module = modules.scopes.get(uri);
  const declaration = module?.ast.declarations.find((each) => each.kind === 'LabelsDecl' && each.name.span.start === span.start);
  if (module === undefined || declaration?.kind !== 'LabelsDecl' || trained.length !== values.length || !values.every((value) => trained.includes(value))) return [];
  const edits = declaration.values.flatMap((value, i) => (value.value === trained[i] ? [] : [replaceAt(value.span, JSON.stringify(trained[i]), module)]));
  return [{ title: `list \`${name}\` in the file's order`, edits }];
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
