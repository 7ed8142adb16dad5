/** Sources that speak of models which others declare: a rollout is built with its model, wherever that stands. */
import type { CheckedModel } from '../../check/model.ts';
import { lockUriOf, type LockMode } from '../../packages/index.ts';
import { checkForBuild, type Project, type ProjectCheck } from './project.ts';

export interface NamedCheck {
  readonly check: ProjectCheck;
  /** Those of the sources, and those that their `rollout` and `golden` declarations name. */
  readonly models: readonly CheckedModel[];
}

/** The check as `checkForBuild` makes it, of the sources and of the modules of the models that they name. Models of other packages are theirs to build. */
export async function checkWithNamed(project: Project, entries: readonly string[], mode: LockMode, model: string | undefined): Promise<NamedCheck> {
  const first = await checkForBuild(project, entries, mode, model);
  const locks = new Set(entries.map((entry) => lockUriOf(entry, project.host)));
  const named = first.tools.flatMap(({ tool }) => ((tool.kind === 'rollout' || tool.kind === 'golden') && entries.includes(tool.uri) ? [tool.model] : []));
  const elsewhere = named.map(({ module }) => module.uri).filter((uri) => !entries.includes(uri) && locks.has(lockUriOf(uri, project.host)));
  if (elsewhere.length === 0) return { check: first, models: first.models };
  const check = await checkForBuild(project, [...new Set([...entries, ...elsewhere])], mode, model);
  const isNamed = ({ uri, name }: CheckedModel): boolean => named.some((each) => each.name === name && each.module.uri === uri);
  return { check, models: check.models.filter((each) => entries.includes(each.uri) || isNamed(each)) };
}
