/** What becomes of the other files of a project, where an upgrade changes parts that they share with its own. */
import { fileURLToPath } from 'node:url';
import { isKind } from '../../check/types/declarations.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { lockUriOf } from '../../packages/index.ts';
import type { Compilation } from '../../pipeline.ts';
import { reachedBy } from '../../toolkit/upgrade/call-sites.ts';
import type { UpgradePlan } from '../../toolkit/upgrade/plan.ts';
import type { Io } from '../io.ts';
import { findSources } from '../project/sources.ts';
import type { Staged } from '../project/staged.ts';
import { refuse } from '../stop.ts';
import type { UpgradeCall } from './upgrade-call.ts';

export interface UpgradePlace {
  readonly staged: Staged;
  readonly call: UpgradeCall;
  readonly io: Io;
}

/** All sources of the package, as they are staged now. */
function checkAll({ staged: { host, project }, call: { uri }, io }: UpgradePlace): Compilation {
  const folder = fileURLToPath(new URL('.', lockUriOf(uri, host)));
  const staged = [...host.files.keys()].filter((file) => file.endsWith('.mdl'));
  return project.compiler.check([...new Set([...findSources([folder], io.cwd), ...staged])]);
}

const errorsOf = ({ diagnostics }: Compilation): readonly Diagnostic[] => diagnostics.filter(({ severity }) => severity === 'error');

/** The modules of the package, and those that they import, in which nothing is wrong. */
export function soundModules(place: UpgradePlace): ReadonlySet<string> {
  const compilation = checkAll(place);
  const faulty = new Set(errorsOf(compilation).map(({ location: { uri } }) => uri));
  return new Set([...compilation.scopes.keys()].filter((uri) => !faulty.has(uri)));
}

/** The models besides these that reach one of the parts. Models that have errors already are left to themselves. */
export function othersOn(parts: readonly Symbol[], models: readonly Symbol[], place: UpgradePlace): readonly { readonly uri: string; readonly name: string }[] {
  if (parts.length === 0) return [];
  // Of another compilation, symbols may be other objects.
  const keyOf = ({ module, name }: Symbol): string => `${module.uri}#${name}`;
  const changed = new Set(parts.map(keyOf));
  const own = new Set(models.map(keyOf));
  const compilation = checkAll(place);
  const faulty = new Set(errorsOf(compilation).map(({ location: { uri } }) => uri));
  const { package: home } = compilation.scopes.get(place.call.uri)!;
  const others = [...compilation.scopes.values()].flatMap((scope) => (scope.package !== home ? [] : [...scope.names.values()].filter((symbol) => symbol.module === scope && isKind(symbol, 'ModelDecl') && !own.has(keyOf(symbol)))));
  return others.flatMap((model) => {
    const reached = reachedBy([model]);
    return reached.some((symbol) => changed.has(keyOf(symbol))) && !reached.some(({ module }) => faulty.has(module.uri)) ? [{ uri: model.module.uri, name: model.name }] : [];
  });
}

/** Refuses a patch after which another file of the project would not check any more, that checked before. */
export function refuseBroken(sound: ReadonlySet<string>, plan: UpgradePlan, { staged, call, io }: UpgradePlace): void {
  const errors = errorsOf(checkAll({ staged, call, io })).filter(({ location: { uri } }) => sound.has(uri) && !staged.host.files.has(uri));
  if (errors.length === 0) return;
  const files = [...new Set(errors.map(({ location: { uri } }) => staged.host.display(uri)))];
  const notes = [
    ...files.slice(0, mostFiles).map((file) => `${file}: ${errors.find(({ location: { uri } }) => staged.host.display(uri) === file)!.message}.`),
    ...(files.length > mostFiles ? [`And ${files.length - mostFiles} more.`] : []),
    ...(errors.every(isOfEarlier) ? [`${files.length === 1 ? 'It verifies' : 'They verify'} an exchange of which \`${plan.old.symbol.name}\` came, and which would be over: delete ${files.length === 1 ? 'it' : 'them'}, or the \`verify\` in ${files.length === 1 ? 'it' : 'them'}, first. The history keeps what was found.`]
      : [`They use what the exchange changes. Let them call parts of their own, or name an adapter that takes what \`${plan.old.symbol.name}\` takes in the place of the new encoder.`]),
  ];
  refuse(toolkitCodes.finding('upgrade-refused', { old: call.old, next: call.next, why: `${files.length === 1 ? `${files[0]} would` : `${files.length} other files would`} not check any more` }, notes));
}

/** A `verify` that swaps what no model calls any more. */
const isOfEarlier = ({ code }: Diagnostic): boolean => code === 'swap-mismatch';

const mostFiles = 4;
