/** From what was found out to a report. */
import type { Run } from '../toolkit/history.ts';
import type { Study } from '../toolkit/study/study.ts';
import type { ReportDocument, Section, Tile } from './document.ts';
import { cardSection } from './sections/card-section.ts';
import { historySections } from './sections/history-section.ts';
import { probeSection, probeTiles } from './sections/probe-section.ts';
import { verifySection, verifyTiles } from './sections/verify-section.ts';

export interface ReportInput {
  /** As the user knows the file. */
  readonly file: string;
  /** `2026-11-22` */
  readonly date: string;
  /** Of MDL. */
  readonly version: string;
  readonly studies: readonly Study[];
  /** Runs of these declarations; the oldest first. */
  readonly history: readonly Run[];
  /** Declarations of the file that could not be carried out, and why. */
  readonly refused?: readonly { readonly name: string; readonly why: string }[];
}

export function composeReport({ file, date, version, studies, history, refused = [] }: ReportInput): ReportDocument {
  const told = historySections(history);
  return {
    title: studies.map(({ name }) => name).join(', '),
    about: [`${file}, ${date}`, `mdl report ${version}`],
    tiles: studies.flatMap((study): readonly Tile[] => (study.kind === 'verify' ? verifyTiles(study) : probeTiles(study))),
    sections: [
      ...(refused.length === 0 ? [] : [{ title: 'Not carried out', blocks: [{ kind: 'list', items: refused.map(({ name, why }) => `${name}: ${why.replace(/\.$/, '')}.`) }] } satisfies Section]),
      ...studies.map((study): Section => (study.kind === 'verify' ? verifySection(study) : probeSection(study))),
      cardSection(studies),
      ...(told.length === 0 ? [] : [{ title: 'History', blocks: [], sections: told }]),
    ],
  };
}

/** A report of runs alone. */
export const composeHistory = (place: string, history: readonly Run[], { date, version, unread }: { readonly date: string; readonly version: string; readonly unread: number }): ReportDocument => ({
  title: 'Runs of fit, probe and verify',
  about: [`${place}, ${date}`, `mdl report ${version}`, ...(unread === 0 ? [] : [`${unread} ${unread === 1 ? 'line' : 'lines'} of it could not be read.`])],
  tiles: [],
  sections: historySections(history),
});
