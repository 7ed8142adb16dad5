/** How `mdl upgrade` ends where it cannot go on. Sources that nobody has are not quoted: what is wrong in them is told of the call. */
import type { Diagnostic, Finding } from '../../diagnostics/diagnostic.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { MdlRuntimeError } from '../../runtime/index.ts';
import { ToolError } from '../../toolkit/errors.ts';
import type { Call } from '../command.ts';
import { exit } from '../exit.ts';
import type { Project, ProjectCheck } from '../project/project.ts';
import { stopOf } from '../run/runtime-stop.ts';
import type { Staged } from '../project/staged.ts';
import { refuse, Stop } from '../stop.ts';
import { endedBy, report } from '../project/tools.ts';
import { StagedFault, type UpgradeCall } from './upgrade-call.ts';

export interface FaultPlace {
  readonly given: UpgradeCall;
  readonly project: Project;
  readonly check: ProjectCheck;
  readonly staged: Staged;
  readonly call: Call;
}

/** The exit code, once it is said what ended the upgrade; throws what is said elsewhere. */
export function endOfUpgrade(error: unknown, place: FaultPlace): number {
  const { given, project, check, call } = place;
  if (error instanceof MdlRuntimeError) throw stopOf(error);
  if (error instanceof StagedFault) return endOfStaged(error, place);
  if (!(error instanceof ToolError)) return endedBy(error, check, call);
  const { code, severity, message, notes, location } = error.diagnostic;
  const finding: Finding = { code, severity, message, notes };
  // At the start of the file stands what the call says: names, data, columns.
  if (location.uri === given.uri && location.span.end === 0) return refuse(finding);
  // Nobody has the source that it points into, and who reads which vectors is told there.
  const sides = code.startsWith('features-') ? [`The source are the vectors of \`${given.next}\`, the target those of \`${given.old}\`.`] : [];
  if (isNew(location.uri, project)) throw new Stop({ ...finding, notes: [...notes, ...sides] }, exit.fault);
  report({ ...check, diagnostics: [error.diagnostic] }, call);
  return exit.fault;
}

/** Errors that the sources had before are theirs; others come of what the call asks for. */
function endOfStaged({ check }: StagedFault, { given, staged, call }: FaultPlace): number {
  const errors = check.diagnostics.filter(({ severity }) => severity === 'error');
  const isOurs = ({ location: { uri } }: Diagnostic): boolean => staged.host.files.has(uri);
  if (!errors.some(isOurs)) {
    report({ ...check, diagnostics: errors }, call);
    return exit.fault;
  }
  const messages = [...new Set(errors.map(({ message }) => message))];
  const notes = [
    ...messages.slice(0, mostMessages).map((message) => `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`),
    ...(messages.length > mostMessages ? [`And ${messages.length - mostMessages} more.`] : []),
    'An adapter that takes what the old encoder takes and gives the new vectors can be named in its place.',
  ];
  return refuse(toolkitCodes.finding('upgrade-refused', { old: given.old, next: given.next, why: `the models do not check with it` }, notes));
}

const mostMessages = 4;

const isNew = (uri: string, { host }: Project): boolean => host.stat(uri) === undefined;
