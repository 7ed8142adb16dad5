/** Pictures of a call: `--image FILE`, `--image NAME=FILE`, or a folder of them. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { layoutOf } from '../../bundle/pixels.ts';
import { pictureEndings } from '../../data/images.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import type { Model } from '../../runtime/index.ts';
import { didYouMean } from '../../runtime/suggest.ts';
import { list, type Call } from '../command.ts';
import { existing, isFolder } from '../project/sources.ts';
import { refuse } from '../stop.ts';

/** The inputs that take pictures and are not given otherwise. */
export const picturePorts = (model: Model, named: ReadonlySet<string>): string[] =>
  model.inputs.filter(({ name, tensor }) => tensor !== undefined && layoutOf(tensor) !== undefined && !named.has(name)).map(({ name }) => name);

/** The paths of the pictures for each input, as the call writes them. `named` are the inputs that `--input` gives. */
export function picturesOf(model: Model, call: Call, named: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const given = list(call, 'image').map((item) => split(item, model, call.io.cwd));
  const taken = new Set([...named, ...given.flatMap(({ port }) => (port === undefined ? [] : [port]))]);
  const pictures = new Map<string, string[]>();
  for (const { port = lonePort(model, taken, named), file } of given) {
    if (!picturePorts(model, named).includes(port)) refuse(notPicture(model, named));
    pictures.set(port, [...(pictures.get(port) ?? []), ...filesOf(file, call.io.cwd)]);
  }
  return pictures;
}

/** `x=cat.png` is a picture for `x`, where there is no file of the whole name. */
function split(item: string, model: Model, cwd: string): { readonly port: string | undefined; readonly file: string } {
  const match = /^([^=/\\.]+)=(.+)$/.exec(item);
  if (match === null) return { port: undefined, file: item };
  const [, port = '', file = ''] = match;
  const known = model.inputs.map(({ name }) => name);
  if (known.includes(port)) return { port, file };
  if (readable(item, cwd)) return { port: undefined, file: item };
  return refuse(runtimeCodes.finding('input-unknown', { of: model.name, field: port, known }, didYouMean(port, known)));
}

const readable = (item: string, cwd: string): boolean => namesIn(path.dirname(path.resolve(cwd, item))).includes(path.basename(item));

/** The one input that is left, or the only one that there is. */
function lonePort(model: Model, taken: ReadonlySet<string>, named: ReadonlySet<string>): string {
  const [port] = [picturePorts(model, taken), picturePorts(model, named)].flatMap((ports) => (ports.length === 1 ? ports : []));
  return port ?? refuse(notPicture(model, named));
}

/** A picture's own file, or the pictures of a folder by their names. */
function filesOf(file: string, cwd: string): readonly string[] {
  const full = existing(file, cwd);
  if (!isFolder(full)) return [file];
  const found = namesIn(full).filter((name) => pictureEndings.includes(path.extname(name).toLowerCase())).sort();
  return found.length > 0 ? found.map((name) => path.join(file, name)) : refuse(cliCodes.finding('cli-input-file', { path: file, reason: `no file in it ends in ${pictureEndings.join(', ')}` }));
}

const namesIn = (folder: string): readonly string[] => (isFolder(folder) ? readdirSync(folder) : []);

/** Why pictures have no input to go to. */
function notPicture(model: Model, named: ReadonlySet<string>) {
  const [inputs, all] = [picturePorts(model, named), picturePorts(model, new Set())];
  if (inputs.length === 0 && all.length > 0) return cliCodes.finding('cli-input-twice', { model: model.name, inputs: all, by: '--image' }, ['Leave one of the two out.']);
  return cliCodes.finding('cli-not-picture', { model: model.name, inputs }, [
    inputs.length === 0 ? byName(model) : `Say for which: --image ${inputs[0]}=FILE.`,
  ]);
}

/** How each input is given by its name, whatever it takes. */
export function byName(model: Model): string {
  const pictures = picturePorts(model, new Set());
  const shown = model.inputs.map(({ name, tokenizer, tensor }) => {
    if (pictures.includes(name)) return `--image ${name}=FILE`;
    return `--input ${name}=FILE.${tokenizer !== undefined ? 'txt' : tensor === undefined ? 'json' : 'npy'}`;
  });
  const also = [...(shown.some((each) => each.endsWith('.txt')) ? ['Texts may be .jsonl, too.'] : []), ...(shown.some((each) => each.endsWith('.npy')) ? ['Tensors may be .json, too.'] : [])];
  return [`Give each input by its name: ${shown.join(' ')}.`, ...also].join(' ');
}

/** Whether pictures of this input may differ in size, so that they go through one by one. */
export function isOneByOne({ inputs }: Model, port: string): boolean {
  const tensor = inputs.find(({ name }) => name === port)?.tensor;
  const layout = tensor && layoutOf(tensor);
  if (tensor === undefined || layout === undefined) return false;
  const own = new Set([layout.batchAxis, layout.channelAxis]);
  return layout.batchAxis === undefined || tensor.dims.some(({ size }, axis) => !own.has(axis) && typeof size !== 'number');
}
