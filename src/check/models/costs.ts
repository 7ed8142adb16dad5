/** What a model costs, by the parts that its author wrote. */
import { programCosts, type ProgramCosts } from '../../ir/costs/program.ts';
import type { Link, Operation, Program } from '../../ir/program.ts';
import type { Checker } from '../context.ts';
import type { CheckedModel } from '../model.ts';

const finished = new WeakMap<Program, ProgramCosts>();

/** Worked out when somebody asks, once for each program. */
export function costsOf({ program, parts, name }: Pick<CheckedModel, 'program' | 'parts' | 'name'>): ProgramCosts {
  const known = finished.get(program) ?? programCosts(program, (step) => parts.get(step.name) ?? name);
  finished.set(program, known);
  return known;
}

/** By the names of the steps. An operator belongs to the declaration that it is written in; of the library's, to that of the call that led there. */
export function partsOf(program: Program, checker: Checker): ReadonlyMap<string, string> {
  return new Map(program.steps.map((step) => [step.name, step.kind === 'link' ? backboneOf(step) : declarationAt(step, checker)]));
}

/** A second link of a backbone has a number behind its name. */
const backboneOf = ({ name }: Link): string => name.split('#', 1)[0]!;

function declarationAt({ origin, name }: Operation, { modules }: Checker): string {
  const { start } = origin.span;
  const declarations = modules.scopes.get(origin.uri)?.ast.declarations ?? [];
  return declarations.find(({ span }) => span.start <= start && start < span.end)?.name.text ?? name;
}
