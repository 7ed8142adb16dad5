/** A project as it would be after a change that nobody has made yet. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { formatText } from '../../format/index.ts';
import { decodeUtf8 } from '../../data/json.ts';
import { makeFolders } from '../../host/make-folders.ts';
import { createOverlayHost, type OverlayHost } from '../../host/overlay.ts';
import { reasonOf } from '../../host/system-error.ts';
import { writeText } from '../../host/write-text.ts';
import { createPipeline } from '../../pipeline.ts';
import { parse } from '../../syntax/index.ts';
import { unifiedDiff } from '../../text/unified-diff.ts';
import type { ChangedText } from '../../toolkit/upgrade/module-text.ts';
import { lockName } from '../../packages/index.ts';
import type { Project } from './project.ts';
import { refuse } from '../stop.ts';

export interface Staged {
  readonly project: Project;
  readonly host: OverlayHost;
}

/** Lock files are staged, too: a check writes nothing. */
export function stage(project: Project): Staged {
  const host = createOverlayHost(project.host);
  return { host, project: { host, compiler: createPipeline(host, parse), parser: { parse, loadedFor: async (check) => check() }, cache: project.cache, held: host.files, write: host.put } };
}

/**
 * A new source in the one form that it has. One that is there keeps its layout: it is formatted where it was before, else only what was appended is, and
 * its line ends stay. One that cannot be parsed stays as it is, for the check to say why.
 */
export async function stageText({ host }: Staged, uri: string, { text, appended = '' }: ChangedText): Promise<void> {
  const known = host.stat(uri) === undefined ? undefined : host.readText(uri);
  const before = known?.ok === true ? known.value : undefined;
  const isWhole = before === undefined || (await inOneForm(before)) === before;
  const laidOut = isWhole ? await inOneForm(text) : appended === '' ? text : `${text.slice(0, -appended.length)}${await inOneForm(appended)}`;
  host.put(uri, before === undefined || isWhole ? laidOut : withLineEndsOf(before, laidOut));
}

async function inOneForm(text: string): Promise<string> {
  const formatted = await formatText(text, { endOfLine: 'auto' });
  return formatted.ok ? formatted.value : text;
}

const withLineEndsOf = (before: string, text: string): string => (/\r\n/.test(before) && !/(^|[^\r])\n/.test(before) ? text.replace(/\r?\n/g, '\r\n') : text);

const isLock = (uri: string): boolean => uri.endsWith(`/${lockName}`);

/** The sources that change, as a unified diff; of other files only that they are there. */
export function patchOf({ host }: Staged, project: Project): string {
  const shown = [...host.files].filter(([uri]) => !isLock(uri)).sort(([a], [b]) => (a < b ? -1 : 1));
  return shown.map(([uri, bytes]) => {
    const name = project.host.display(uri);
    const before = project.host.stat(uri) === undefined ? undefined : project.host.readText(uri);
    if (!uri.endsWith('.mdl')) return `Binary file b/${name}, ${bytes.length.toLocaleString('en-US')} bytes\n`;
    return unifiedDiff(before?.ok === true ? before.value : '', decodeUtf8(bytes) ?? '', { before: before === undefined ? undefined : name, after: name });
  }).join('');
}

/**
 * Writes what was staged but lock files, which the check of what is then there writes; the paths as the user knows them. All of
 * it or nothing: where a file cannot be written, those before it become what they were.
 */
export function commit({ host }: Staged, project: Project): readonly string[] {
  const files = [...host.files].filter(([uri]) => !isLock(uri)).map(([uri, bytes]) => ({ file: fileURLToPath(uri), shown: project.host.display(uri), bytes, before: bytesBefore(uri, project) }));
  for (const [i, { file, shown, bytes }] of files.entries()) {
    try {
      makeFolders(path.dirname(file));
      writeText(file, bytes);
    } catch (error) {
      for (const done of files.slice(0, i)) {
        if (done.before === undefined) rmSync(done.file, { force: true });
        else writeText(done.file, done.before);
      }
      return refuse(fileCodes.finding('write-failed', { path: shown, reason: reasonOf(error) }, ['Nothing was changed.']));
    }
  }
  return files.map(({ shown }) => shown);
}

/** Of a source that is there already; all that is staged besides is new. */
function bytesBefore(uri: string, { host }: Project): string | undefined {
  const text = host.stat(uri) === undefined ? undefined : host.readText(uri);
  return text?.ok === true ? text.value : undefined;
}
