/** `mdl check --explain`: a derivation, each step on a line of its own. */
import type { Explanation, ExplainedStep } from '../../check/explain.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { positionAt, type Location } from '../../text/source.ts';
import { suggest } from '../../text/suggest.ts';
import { showStatement, showTensor } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { printJson, type Io } from '../io.ts';
import type { ProjectCheck } from '../project/project.ts';
import { refuse } from '../stop.ts';

export function printExplanation(target: string, check: ProjectCheck, isJson: boolean, io: Io): void {
  const found = check.explain(target);
  if (found === undefined) refuseTarget(target, check.explainable());
  else if (isJson) printJson(io, toJson(found, check));
  else io.stdout.write(showExplanation(found, check));
}

function refuseTarget(target: string, known: readonly string[]): never {
  const near = suggest(target, known);
  const listed = known.slice(0, 12).map((name) => `\`${name}\``).join(', ');
  const meant = near === undefined ? [] : [`Did you mean ${near}?`];
  const notes = known.length === 0 ? [] : [...meant, `There are ${listed}${known.length > 12 ? ` and ${known.length - 12} more` : ''}.`];
  const expected = 'a port of a model, a part or a backbone, such as `Model.output` or `Part.result`';
  return refuse(cliCodes.finding('cli-option-value', { option: '--explain', expected, found: target }, notes));
}

const tensorsOf = (type: Type): ReadonlyMap<string, TensorType> => (type.kind === 'tensor' ? new Map([['', type]]) : type.kind === 'record' ? type.fields : new Map());

/** `f32[batch, 512] (proved), norm(-1) == 1 +- 0.001 (proved)`; the tensors of a record one behind the other. */
function showTensors(tensors: ReadonlyMap<string, TensorType>): string {
  return [...tensors].map(([field, type]) => {
    const facts = type.facts.map((fact) => `${showStatement(fact)} (${fact.evidence}${fact.evidence === 'measured' && fact.because !== undefined ? `: ${fact.because}` : ''})`);
    return `${field === '' ? '' : `${field}: `}${[`${showTensor(type)} (${type.evidence})`, ...facts].join(', ')}`;
  }).join('; ');
}

function placeOf(location: Location, { sources, host }: Pick<ProjectCheck, 'sources' | 'host'>): string {
  const source = sources.get(location.uri);
  const { line, character } = source === undefined ? { line: 0, character: 0 } : positionAt(source, location.span.start);
  const library = host.standardModules().find((name) => host.standardModule(name) === location.uri);
  return `${library === undefined ? host.display(location.uri) : `std/${library}`}:${line + 1}:${character + 1}`;
}

const stepPlace = (step: ExplainedStep, check: ProjectCheck): string => (step.location === undefined ? (step.file ?? '') : placeOf(step.location, check));

function showExplanation({ target, type, location, steps }: Explanation, check: ProjectCheck): string {
  const lines = steps.map((step) => `${'  '.repeat(step.depth + 1)}${step.what}: ${showTensors(step.tensors)}. ${step.rule} [${stepPlace(step, check)}]`);
  return [`${target}: ${showTensors(tensorsOf(type))} [${placeOf(location, check)}]`, ...(lines.length === 0 ? ['  Nothing is known of it but what is said.'] : ['follows from', ...lines]), ''].join('\n');
}

function toJson({ target, type, location, steps }: Explanation, check: ProjectCheck) {
  const describe = (tensors: ReadonlyMap<string, TensorType>) =>
    Object.fromEntries([...tensors].map(([field, tensor]) => [field, {
      type: showTensor(tensor),
      evidence: tensor.evidence,
      facts: tensor.facts.map((fact) => ({ fact: showStatement(fact), evidence: fact.evidence, ...(fact.because === undefined ? {} : { because: fact.because }) })),
    }]));
  return {
    ok: true,
    target,
    at: placeOf(location, check),
    tensors: describe(tensorsOf(type)),
    steps: steps.map((step) => ({ depth: step.depth, what: step.what, at: stepPlace(step, check), tensors: describe(step.tensors), rule: step.rule })),
  };
}
