/** What must hold of reading and composing any bytes at all. */
import assert from 'node:assert/strict';
import type { Graph, TensorInfo } from '../../src/ir/graph.ts';
import { describeModel } from '../../src/cli/inspect/inspect-model.ts';
import { foldConstants } from '../../src/ir/passes/fold-constants.ts';
import type { Program } from '../../src/ir/program.ts';
import { onnxCodes } from '../../src/diagnostics/codes/onnx.ts';
import type { Finding } from '../../src/diagnostics/diagnostic.ts';
import { composeProgram, materialize, readModel, type OnnxFile, type OpenFile, type Storage } from '../../src/onnx/index.ts';
import { memorySource, valueOf } from './helpers.ts';
import { attributeTypes, dataTypes, encodeModel, floats, graphAttribute, node, valueInfo } from './models.ts';
import { info, link, operation, port, program } from './programs.ts';

/** A model of few bytes that has about everything in it. */
export const dense = encodeModel(
  {
    node: [
      node('Constant', [], ['c'], {
        attribute: [{ name: 'value', type: attributeTypes.TENSOR, t: floats('', [2], [1, 2]) }],
      }),
      node('If', ['b'], ['y'], {
        attribute: [
          graphAttribute('then_branch', { node: [node('Neg', ['x'], ['r'])], output: [valueInfo('r', ['N'])] }),
          { name: 'ints', type: attributeTypes.INTS, ints: [1, -1, 70000] },
          { name: 'floats', type: attributeTypes.FLOATS, floats: [1, 2] },
          { name: 'strings', type: attributeTypes.STRINGS, strings: [Buffer.from('a')] },
        ],
      }),
    ],
    input: [valueInfo('x', ['N', 2]), valueInfo('b', [], dataTypes.BOOL)],
    output: [valueInfo('y', ['N', 2])],
    initializer: [
      floats('w', [3], [1, 2, 3]),
      { name: 'i', dims: [2], dataType: dataTypes.INT64, int64Data: [1, -1] },
      {
        name: 'e',
        dims: [1],
        dataType: dataTypes.FLOAT,
        dataLocation: 1,
        externalData: [{ key: 'location', value: 'f' }],
      },
    ],
    quantizationAnnotation: [{ tensorName: 'x', quantParameterTensorNames: [{ key: 'S', value: 'w' }] }],
  },
  {
    metadataProps: [{ key: 'k', value: 'v' }],
    functions: [{ name: 'F', domain: 'd', input: ['x'], output: ['y'], node: [node('Neg', ['x'], ['y'])] }],
  },
);

const windowBytes = 65_536;
/** Composed files beyond this size (by external data that does not exist) are not built here. */
const maxBuilt = 4 * 1024 * 1024;

/** Reads the bytes and composes what can be read with itself. Answers "ok" or the code of the finding. */
export function checkAnswer(bytes: Uint8Array): string {
  const source = memorySource(bytes);
  const answer = readModel(source);
  // Reading much more than once would be a way to hang.
  assert(source.asked() < 40 * bytes.length + 10 * windowBytes, `${source.asked()} bytes were read`);
  if (!answer.ok) return checkFinding(answer.finding);
  const code = checkComposing(answer.value, bytes, { kind: 'inside' });
  checkComposing(answer.value, bytes, { kind: 'beside', path: 'weights' });
  checkComposing(answer.value, bytes, { kind: 'linked', pathOf: (uri) => `weights/${uri.length}` });
  checkCutting(answer.value, bytes);
  return code;
}

/** What `mdl inspect --inner` says of the bytes: types, facts and costs of every tensor of graphs that may be nonsense. */
export function checkInspection(bytes: Uint8Array): void {
  const answer = readModel(memorySource(bytes));
  if (!answer.ok) return;
  const described = describeModel(answer.value, true, { ranges: new Map(), sizes: new Map() }, () => undefined);
  assert.equal(described.nodes, answer.value.graph.nodes.length);
}

function checkFinding(finding: Finding): string {
  assert(Object.hasOwn(onnxCodes.table, finding.code), finding.code);
  assert(finding.message.length < 2 * windowBytes, 'the message has an end');
  return finding.code;
}

/** The model in one program with itself, with a copy of itself, or with another: names must give way, and a model must come out. */
function checkComposing(model: OnnxFile, bytes: Uint8Array, storage: Storage): string {
  const copyUri = 'memory:///copy.onnx';
  const otherBytes = storage.kind === 'linked' ? dense : bytes;
  const other = storage.kind === 'inside' ? model : valueOf(readModel(memorySource(otherBytes, copyUri)));
  const inputs = (prefix: string, { graph }: OnnxFile) => Object.fromEntries(graph.inputs.map((name) => [name, `${prefix} in ${name}`]));
  const outputs = (prefix: string, { graph }: OnnxFile) => Object.fromEntries(graph.outputs.map((name) => [name, `${prefix} ${name}`]));
  const parts = [['first', model], ['second', other]] as const;
  const joined = program({
    inputs: parts.flatMap(([prefix, { graph }]) => graph.inputs.map((name) => port(`${prefix}.${name}`, `${prefix} in ${name}`))),
    outputs: parts.flatMap(([prefix, { graph }]) => graph.outputs.map((name, index) => port(`${prefix}${index}`, `${prefix} ${name}`))),
    steps: parts.map(([prefix, file]) => link(prefix, file, inputs(prefix, file), outputs(prefix, file))),
    types: Object.fromEntries(
      parts.flatMap(([prefix, file]) =>
        [...Object.values(inputs(prefix, file)), ...Object.values(outputs(prefix, file))].map((name) => [name, info('f32', `${prefix} n`)] as const),
      ),
    ),
    // The newest that is known: nodes of before have to be converted, or refused.
    opset: Math.max(model.opsets.get('') ?? 14, storage.kind === 'inside' ? 14 : 26),
  });
  const memory = new Map([[model.uri, bytes], [copyUri, otherBytes]]);
  const open: OpenFile = (uri) => {
    const known = memory.get(uri);
    return { ok: true, value: known === undefined ? zeros(uri) : memorySource(known, uri) };
  };
  const files = new Map([[model.uri, model], [other.uri, other]]);
  const composed = composeProgram(joined, files, { producer: 'mdl', producerVersion: '0' }, open, { storage });
  if (!composed.ok) return checkFinding(composed.finding);
  if (composed.value.byteLength > maxBuilt) return 'ok';
  const again = readModel(memorySource(materialize(composed.value.pieces, open), 'memory:///composed.onnx'));
  assert(again.ok, again.ok ? '' : `the composed file cannot be read: ${again.finding.message}`);
  return 'ok';
}

const w = new Uint8Array(new Float32Array(300).fill(0.1).buffer);
const v = new Uint8Array(new Float32Array(300).fill(0.1).buffer);
const branch = (value: string): Graph => ({
  name: value,
  inputs: [],
  outputs: [`${value} out`],
  nodes: [{ name: '', op: 'Neg', domain: '', inputs: [value], outputs: [`${value} out`], attributes: new Map() }],
  initializers: new Map(),
  types: new Map([[`${value} out`, info('f32', 300)]]),
});

/**
 * The model between operators of ours, with weights, branches, labels and documentation: once cut, an inner tensor replaced and another
 * one tapped; once whole, on sizes that are numbers, so that what can be folded is.
 */
function surround(model: OnnxFile): Program {
  const { graph } = model;
  const made = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  const [replaced, tapped] = [made[made.length >> 1], made.at(-1)];
  const tapNames = new Set([...graph.outputs, ...(tapped === undefined ? [] : [tapped])]);
  const named = (names: Iterable<string>, prefix: string) => Object.fromEntries([...names].map((name) => [name, `${prefix} ${name}`]));
  const taps = named([...tapNames].filter((name) => name !== replaced), 'got');
  const [inputs, sized, found] = [named(graph.inputs, 'in'), named(graph.inputs, 'sized'), named(graph.outputs, 'found')];
  const chosen = new Map([['then_branch', { type: 'graph', value: branch('w') }], ['else_branch', { type: 'graph', value: branch('v') }]] as const);
  const typed = (values: Iterable<string>, type: TensorInfo) => Object.fromEntries([...values].map((value) => [value, type]));
  const whole = program({
    inputs: [
      ...Object.values(inputs).map((value, index) => ({ ...port(`given ${index}`, value), doc: 'given', labels: ['N', undefined] })),
      ...Object.values(sized).map((value, index) => port(`sized ${index}`, value)),
      port('which'),
    ],
    outputs: [...Object.values(taps), ...Object.values(found)].map((value, index) => port(`out ${index}`, value)).concat({ ...port('chosen'), labels: ['H', 'W', 'C'] }),
    steps: [
      operation('If', ['which'], ['chosen'], chosen, 'choose'),
      operation('Add', ['w', 'v'], ['sum'], new Map(), 'add'),
      link('Cut', model, { ...inputs, ...(replaced === undefined ? {} : { [replaced]: 'sum' }) }, taps),
      link('Sized', model, sized, found),
    ],
    initializers: [
      { name: 'w', dtype: 'f32', dims: [300], bytes: w, weights: 'memory:///w' },
      { name: 'v', dtype: 'f32', dims: [300], bytes: v, weights: 'memory:///v' },
      { name: 'axes', dtype: 'i64', dims: [2], bytes: new Uint8Array(16) },
    ],
    types: {
      ...typed([...Object.values(inputs), ...Object.values(taps)], info('f32', 'a', '?', 3)),
      ...typed([...Object.values(sized), ...Object.values(found)], info('f32', 2, 3)),
      ...typed(['sum', 'w', 'v', 'chosen'], info('f32', 300)),
      which: info('bool'),
    },
    opset: Math.max(model.opsets.get('') ?? 14, 14),
  });
  return { ...whole, doc: 'whole' };
}

function checkCutting(model: OnnxFile, bytes: Uint8Array): string {
  const folded = foldConstants(surround(model), (constant) => (constant instanceof Uint8Array ? constant : undefined));
  const open: OpenFile = (uri) => ({ ok: true, value: uri === model.uri ? memorySource(bytes, uri) : zeros(uri) });
  const meta = { producer: 'mdl', producerVersion: '0', doc: 'whole', metadata: () => ({ k: 'ours' }) };
  const composed = composeProgram(folded, new Map([[model.uri, model]]), meta, open, { storage: { kind: 'beside', path: 'w' }, weights: 'f16' });
  if (!composed.ok) return checkFinding(composed.finding);
  if (composed.value.byteLength > maxBuilt) return 'ok';
  const again = readModel(memorySource(materialize(composed.value.pieces, open), 'memory:///composed.onnx'));
  assert(again.ok, again.ok ? '' : `the composed file cannot be read: ${again.finding.message}`);
  return 'ok';
}

const zeros = (uri: string) => ({
  uri,
  size: 2 ** 40,
  read: (_: number, length: number) => new Uint8Array(length),
  close: () => undefined,
});
