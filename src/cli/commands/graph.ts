/** `mdl graph`: the composition of a model as a diagram, with types on the edges. */
import type { CheckedModel } from '../../check/model.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { hasErrors } from '../../diagnostics/index.ts';
import type { TensorInfo } from '../../ir/graph.ts';
import type { Link, Operation, Program } from '../../ir/program.ts';
import { relativePath } from '../../text/paths.ts';
import { positionAt, type Location } from '../../text/source.ts';
import { costsOf } from '../../check/models/costs.ts';
import { describeCosts, describeFigure, type DescribedCosts } from '../../ir/costs/describe.ts';
import type { ProgramCosts } from '../../ir/costs/program.ts';
import { showDim } from '../../types/dim.ts';
import { chooseModels } from './build.ts';
import { summarizeJoints } from './check.ts';
import { flag, text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson } from '../io.ts';
import { checkForBuild, createProject, type ProjectCheck } from '../project/project.ts';
import { printDiagnostics } from '../show/print-diagnostics.ts';
import { showFigure, summarizeCosts } from '../show/show-costs.ts';
import { sourceUri } from '../project/sources.ts';
import { refuse } from '../stop.ts';

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const [given = ''] = call.args;
  const check = await checkForBuild(createProject(io), [sourceUri(given, io.cwd)], 'update', text(call, 'model'));
  printDiagnostics(check, io, io.stderr);
  if (hasErrors(check.diagnostics)) return exit.fault;
  const models = chooseModels(check.models, call);
  const known = models.map((model) => model.name);
  if (models.length > 1) refuse(cliCodes.finding('cli-choose-model', { path: given, known }, [`Choose one: --model ${known[0]}`]));
  const diagram = diagramOf(models[0]!, check);
  if (flag(call, 'json')) printJson(io, diagram);
  else io.stdout.write(text(call, 'format') === 'dot' ? toDot(diagram) : toMermaid(diagram));
  return exit.fine;
}

/** A guard counts what breaks a demand, for the runtime to answer. */
type Kind = 'port' | 'guard' | 'backbone' | 'operator';

export interface Diagram {
  readonly name: string;
  /** How the joints are known to fit. */
  readonly summary: string;
  readonly nodes: readonly { readonly id: string; readonly kind: Kind; readonly lines: readonly string[] }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label: string }[];
  /** Of the whole, and of its parts. */
  readonly costs: DescribedCosts & { readonly parts: readonly (DescribedCosts & { readonly name: string; readonly kind: string })[] };
}

/** The program's steps between its inputs and outputs; constants stand in the steps that use them. */
export function diagramOf(model: CheckedModel, check: Pick<ProjectCheck, 'sources'>): Diagram {
  const { program } = model;
  const costs = costsOf(model);
  const makers = new Map<string, string>();
  const nodes: Diagram['nodes'][number][] = [];
  const edges: Diagram['edges'][number][] = [];
  const connect = (values: Iterable<string>, to: string): void => {
    for (const value of new Set(values)) {
      const from = makers.get(value);
      if (from !== undefined) edges.push({ from, to, label: showInfo(program.types.get(value)) });
    }
  };
  program.inputs.forEach((port, i) => {
    makers.set(port.value, `in${i}`);
    nodes.push({ id: `in${i}`, kind: 'port', lines: [port.name] });
  });
  program.steps.forEach((step, i) => {
    const id = `step${i}`;
    connect(step.inputs.values(), id);
    for (const value of step.outputs.values()) makers.set(value, id);
    const kind = step.kind === 'link' ? 'backbone' : 'operator';
    nodes.push({ id, kind, lines: [...linesOf(step, program), ...costLines(costs.steps.get(step.name), kind), showOrigin(step.origin, model, check)] });
  });
  program.outputs.forEach((port, i) => {
    connect([port.value], `out${i}`);
    const guard = model.guards.find(({ counts }) => counts?.tensor === port.name);
    nodes.push({ id: `out${i}`, ...(guard === undefined ? { kind: 'port', lines: [port.name] } : { kind: 'guard', lines: [guard.violation.mode, guard.to, guard.what] }) });
  });
  const parts = costs.parts.map((part) => ({ name: part.name, kind: part.kind, ...describeCosts(part) }));
  return { name: model.name, summary: summarizeJoints(model), nodes, edges, costs: { ...describeCosts(costs), parts } };
}

/** Longer expressions stand in the summary alone. */
const longestFigure = 40;

/** Of an operator the shapes of its weights are shown. */
function costLines(costs: ReturnType<ProgramCosts['steps']['get']>, kind: Kind): string[] {
  if (costs === undefined) return [];
  const macs = showFigure(describeFigure(costs.macs));
  return [...(kind === 'backbone' ? [`${costs.parameters} parameters`] : []), ...(macs !== '0' && macs.length <= longestFigure ? [`${macs} multiply-adds`] : [])];
}

function linesOf(step: Operation | Link, program: Program): string[] {
  if (step.kind === 'link') return [step.name, relativePath(step.model.uri, step.origin.uri)];
  const constants = program.initializers.filter((tensor) => step.inputs.includes(tensor.name));
  return [step.op, ...constants.map(({ name, dtype, dims }) => `${name}: ${dtype}[${dims.join(', ')}]`)];
}

function showOrigin({ uri, span }: Location, model: CheckedModel, { sources }: Pick<ProjectCheck, 'sources'>): string {
  const source = sources.get(uri);
  const file = uri.startsWith('file:') ? uri.slice(uri.lastIndexOf('/') + 1) : relativePath(uri, model.uri);
  return source === undefined ? file : `${file}:${positionAt(source, span.start).line + 1}`;
}

const showInfo = (info: TensorInfo | undefined): string =>
  info === undefined ? '' : `${info.dtype ?? '?'}${info.dims === undefined ? '' : `[${info.dims.map(showDim).join(', ')}]`}`;

const mermaidShapes: Readonly<Record<Kind, readonly [string, string]>> = {
  port: ['([', '])'],
  guard: ['{{', '}}'],
  backbone: ['[[', ']]'],
  operator: ['[', ']'],
};

/** https://mermaid.js.org/syntax/flowchart.html */
function toMermaid({ name, summary, nodes, edges, costs }: Diagram): string {
  const quote = (label: string): string => `"${label.replaceAll('#', '#35;').replaceAll('"', '#quot;')}"`;
  const node = ({ id, kind, lines }: Diagram['nodes'][number]): string => {
    const [open, close] = mermaidShapes[kind];
    return `  ${id}${open}${quote(lines.join('<br/>'))}${close}`;
  };
  const edge = ({ from, to, label }: Diagram['edges'][number]): string =>
    label === '' ? `  ${from} --> ${to}` : `  ${from} -->|${quote(label)}| ${to}`;
  const remarks = [summary, ...summarizeCosts(costs)].map((line) => `  %% ${line}`);
  return ['---', `title: ${name}`, '---', 'flowchart LR', ...remarks, ...nodes.map(node), ...edges.map(edge), ''].join('\n');
}

const dotShapes: Readonly<Record<Kind, string>> = { port: 'oval', guard: 'hexagon', backbone: 'box3d', operator: 'box' };

/** https://graphviz.org/doc/info/lang.html */
function toDot({ name, summary, nodes, edges, costs }: Diagram): string {
  const quote = (label: string): string => `"${label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  return [
    `digraph ${name} {`,
    '  rankdir=LR',
    `  label=${quote([summary, ...summarizeCosts(costs)].join('\n'))}`,
    ...nodes.map(({ id, kind, lines }) => `  ${id} [shape=${dotShapes[kind]}, label=${quote(lines.join('\n'))}]`),
    ...edges.map(({ from, to, label }) => `  ${from} -> ${to}${label === '' ? '' : ` [label=${quote(label)}]`}`),
    '}',
    '',
  ].join('\n');
}
