/** What the headers of foreign files say. */
import { showDim } from '../../types/dim.ts';
import type { View } from '../view.ts';
import { bullets, paragraphs } from './types.ts';

type Model = Extract<ReturnType<View['files']['model']>, { ok: true }>['value'];

/** Ports of a file beyond this many are counted, not listed. */
const mostPorts = 24;

export function fileText(uri: string, role: 'backbone' | 'tokenizer' | 'weights', view: View): string {
  const name = `**${view.host.display(uri)}**`;
  const size = view.host.stat(uri)?.size;
  if (size === undefined) return `${name}: no such file.`;
  const head = `${name}: ${showBytes(size)}`;
  if (role === 'backbone') return modelText(uri, head, view);
  return role === 'tokenizer' ? tokenizerText(uri, head, view) : weightsText(uri, head, view);
}

function modelText(uri: string, head: string, { files }: View): string {
  const model = files.model(uri);
  if (!model.ok) return paragraphs(head, model.finding.message);
  const { opsets, irVersion, producer, graph } = model.value;
  const versions = [...opsets].map(([domain, version]) => `${domain === '' ? 'opset' : domain} ${version}`);
  const by = producer === '' ? '' : `, written by ${producer}`;
  const counts = `${graph.nodes.length} nodes, ${graph.initializers.size} weights`;
  return paragraphs(
    `${head}, ${[...versions, `IR ${irVersion}`].join(', ')}${by}, ${counts}.`,
    portsText('Inputs', graph.inputs, model.value),
    portsText('Outputs', graph.outputs, model.value),
  );
}

function portsText(title: string, names: readonly string[], model: Model): string {
  const shown = names.slice(0, mostPorts).map((name) => `\`${name}\`: \`${tensorText(name, model)}\``);
  const more = names.length > mostPorts ? [`and ${names.length - mostPorts} more`] : [];
  return `${title}:\n\n${bullets([...shown, ...more])}`;
}

/** `i64[batch, 512]`, as far as the file says. */
function tensorText(name: string, { graph }: Model): string {
  const info = graph.types.get(name);
  if (info === undefined) return 'unknown';
  return `${info.dtype ?? 'unknown'}${info.dims === undefined ? ' of unknown rank' : `[${info.dims.map(showDim).join(', ')}]`}`;
}

/** A tensor of a backbone's file. */
export function fileTensorText(uri: string, name: string, { files, host }: View): string {
  const model = files.model(uri);
  if (!model.ok) return model.finding.message;
  const { graph } = model.value;
  const role = graph.inputs.includes(name) ? 'input' : graph.outputs.includes(name) ? 'output' : undefined;
  if (role === undefined && !graph.initializers.has(name) && !graph.nodes.some((node) => node.outputs.includes(name))) return `"${name}" is no tensor of ${host.display(uri)}.`;
  if (role === undefined) return `\`${tensorText(name, model.value)}\`, a tensor inside ${host.display(uri)}.`;
  return `\`${tensorText(name, model.value)}\`, an ${role} of ${host.display(uri)}.`;
}

function tokenizerText(uri: string, head: string, { files }: View): string {
  const file = files.tokenizer(uri);
  return file.ok ? `${head}, ${file.value.vocabulary.toLocaleString('en')} ids.` : paragraphs(head, file.finding.message);
}

function weightsText(uri: string, head: string, { files }: View): string {
  const file = files.weights(uri);
  if (!file.ok) return paragraphs(head, file.finding.message);
  const tensors = [...file.value.tensors];
  const shown = tensors.slice(0, mostPorts).map(([name, { dtype, dims }]) => `\`${name}\`: \`${dtype}[${dims.join(', ')}]\``);
  const more = tensors.length > mostPorts ? [`and ${tensors.length - mostPorts} more`] : [];
  return paragraphs(`${head}.`, bullets([...shown, ...more]));
}

/** `23.7 MB`, in powers of ten as file managers count. */
function showBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}
