/** From the files and folders of a command line to the URIs of sources. */
import { existsSync, readdirSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { unreadable } from '../../host/read-file.ts';
import { suggest } from '../../text/suggest.ts';
import { refuse } from '../stop.ts';

const skipped = new Set(['node_modules', 'dist']);

/** The sources that the arguments name, sorted and once each; all below the working directory without arguments. */
export function findSources(args: readonly string[], cwd: string): string[] {
  const files = args.length === 0 ? sourcesBelow(cwd) : args.flatMap((arg) => sourcesOf(arg, cwd));
  if (files.length === 0) {
    const bundle = args.find((arg) => isBundle(path.resolve(cwd, arg)));
    refuse(cliCodes.finding('cli-no-sources', { where: args.length === 0 ? 'this folder' : args.join(', ') }, [
      ...(bundle === undefined ? [] : [builtAlready(bundle)]),
      'Folders are searched to any depth, except for node_modules, dist and hidden ones.',
      ...(bundle === undefined ? ['A first source is written from a network by `mdl inspect encoder.onnx --mdl > encoder.mdl`.'] : []),
    ]));
  }
  return [...new Set(files)].map((file) => pathToFileURL(file).href);
}

/** The path of a file that has to exist. */
export function existing(arg: string, cwd: string): string {
  // Resolved, it would be the working directory.
  if (arg === '') refuse(cliCodes.finding('cli-no-file', { path: "''" }, ['The path is empty. The working directory is `.`']));
  const file = path.resolve(cwd, arg);
  if (existsSync(file)) return file;
  const near = suggest(path.basename(file), namesIn(path.dirname(file)));
  const meant = near === undefined ? [] : [`Did you mean ${path.join(path.dirname(arg), near)}?`];
  return refuse(cliCodes.finding('cli-no-file', { path: arg }, meant));
}

export const isFolder = (file: string): boolean => existsSync(file) && statSync(file).isDirectory();

/** The path of a file that is to be written; refused before anything is computed for it, where it cannot be one. */
export function placeToWrite(arg: string, cwd: string): string {
  const file = path.resolve(cwd, arg);
  const reason = arg === '' ? 'the path is empty' : isFolder(file) ? 'it is a folder' : existsSync(path.dirname(file)) ? (isFolder(path.dirname(file)) ? undefined : 'a part of the path is not a folder') : 'its folder is not there';
  return reason === undefined ? file : refuse(fileCodes.finding('write-failed', { path: arg, reason }));
}

/** The URI of a source that has to exist. */
export function sourceUri(arg: string, cwd: string): string {
  const file = existing(arg, cwd);
  if (!file.endsWith('.mdl')) refuse(notSource(arg, file));
  return pathToFileURL(file).href;
}

function sourcesOf(arg: string, cwd: string): string[] {
  const file = existing(arg, cwd);
  if (statSync(file).isDirectory()) return sourcesBelow(file);
  return file.endsWith('.mdl') ? [file] : refuse(notSource(arg, file));
}

function notSource(arg: string, file: string) {
  const beside = `${arg.slice(0, arg.length - path.extname(arg).length)}.mdl`;
  const notes = [
    ...(existsSync(path.resolve(path.dirname(file), path.basename(beside))) ? [`Did you mean ${beside}?`] : []),
    ...(/\.(onnx|safetensors|json)$/.test(arg) ? [`To see what is in it: mdl inspect ${arg}`] : []),
    ...(isBundle(file) ? [builtAlready(arg)] : []),
  ];
  return cliCodes.finding('cli-not-source', { path: arg }, notes.length > 0 ? notes : ['Name the .mdl file that declares what is meant.']);
}

export const isBundle = (folder: string): boolean => existsSync(path.join(folder, 'manifest.json'));

const builtAlready = (bundle: string): string => `${bundle} is the bundle of a model that was built: \`mdl run\` and \`mdl audit\` take it. Here, name the .mdl file that declares the model.`;

function sourcesBelow(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const below = path.join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) || entry.name.startsWith('.') ? [] : sourcesBelow(below);
    return entry.isFile() && entry.name.endsWith('.mdl') ? [below] : [];
  });
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return refuse(unreadable(error, folder));
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
