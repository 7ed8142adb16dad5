/**
 * One answer to how something is known: a model's output, the joint that holds it to what is said of it, the manifest, the record that an
 * audit reads (which `mdl check --json` prints, too), and `--explain` say the same of each fact.
 */
import { expect, test } from 'vitest';
import type { ManifestPort } from '../../src/bundle/manifest.ts';
import type { CheckedModel } from '../../src/check/model.ts';
import type { Compilation } from '../../src/compile.ts';
import { describeInterface } from '../../src/emit/manifest.ts';
import { showStatement } from '../../src/types/show.ts';
import type { TensorType, Type } from '../../src/types/type.ts';
import { rightSources } from './right-sources.ts';
import { checkFiles } from './world.ts';

const tensorsOf = (type: Type): ReadonlyMap<string, TensorType> => (type.kind === 'tensor' ? new Map([['', type]]) : type.kind === 'record' ? type.fields : new Map());

/** `field: sum(-1) == 1: proved`, and how the type is known. */
const known = (type: Type): readonly string[] =>
  [...tensorsOf(type)].flatMap(([field, { facts, evidence }]) => [`${field}: ${evidence}`, ...facts.map((fact) => `${field}: ${showStatement(fact)}: ${fact.evidence}`)]);

const evidenceOf = (port: ManifestPort): readonly string[] => [...Object.values(port.fields ?? {}), ...(port.tensor ? [port.tensor] : [])].flatMap(({ facts }) => facts.map(({ evidence }) => evidence));

/** One sentence for each place where two of them differ. */
function contradictions(model: CheckedModel, { explain, sources }: Compilation): readonly string[] {
  const manifest = describeInterface(model, sources);
  const wrong: string[] = [];
  const hold = (what: string, a: unknown, b: unknown): void => void (JSON.stringify(a) === JSON.stringify(b) || wrong.push(`${model.name}: ${what}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`));
  hold('joints of the manifest', manifest.joints.map(({ requirements }) => requirements), model.joints.map(({ requirements }) => requirements));
  for (const [i, { name, type }] of model.outputs.entries()) {
    const port = `${model.name}.${name}`;
    hold(`${port} explained`, known(type), known(explain(port)!.type));
    // A list of facts of which the manifest has no form is shorter there.
    const written = evidenceOf(manifest.outputs[i]!);
    const all = [...tensorsOf(type).values()].flatMap(({ facts }) => facts.map(({ evidence }) => evidence));
    if (written.length === all.length) hold(`${port} in the manifest`, all, written);
    const requirements = model.joints.filter(({ to }) => to === port).flatMap((joint) => joint.requirements);
    for (const fact of [...tensorsOf(type).values()].flatMap(({ facts }) => facts)) {
      const held = requirements.filter(({ what }) => what === showStatement(fact)).map(({ evidence }) => evidence);
      if (held.length === 1) hold(`${port}, ${showStatement(fact)}, at its joint`, fact.evidence, held[0]);
    }
  }
  return wrong;
}

test('how each fact is known is the same wherever it is told', () => {
  const wrong: string[] = [];
  let models = 0;
  for (const files of rightSources) {
    const compilation = checkFiles(files);
    for (const model of compilation.models) wrong.push(...contradictions(model, compilation).map((text) => `${Object.keys(files)[0]}: ${text}`));
    models += compilation.models.length;
  }
  expect(wrong).toEqual([]);
  expect(models).toBeGreaterThan(20);
});
