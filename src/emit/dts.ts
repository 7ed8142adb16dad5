/** The TypeScript declaration of a bundle: what `run` takes and gives, for the app that embeds it. */
import type { Manifest, ManifestDim, ManifestEnds, ManifestFact, ManifestPort, ManifestTensor } from '../bundle/manifest.ts';
import { layoutOf } from '../bundle/pixels.ts';
import type { ManifestSlot } from '../bundle/rollout.ts';
import { nestFields, type FieldTree } from '../types/fields.ts';

interface Elements {
  /** The typed array (or list) that an app may give. */
  readonly input: string;
  /** One element in lists. */
  readonly element: string;
  /** What the runtime answers with. */
  readonly output: string;
}

const numeric = (array: string, element = 'number'): Elements => ({ input: array, element, output: array });

/** How the runtime carries each dtype; those without a row cannot cross. */
const elements: ReadonlyMap<string, Elements> = new Map([
  ['f32', numeric('Float32Array')],
  ['f64', numeric('Float64Array')],
  ['f16', { input: 'Uint16Array', element: 'number', output: 'Float32Array' }],
  ['i8', numeric('Int8Array')],
  ['i16', numeric('Int16Array')],
  ['i32', numeric('Int32Array', 'number | bigint')],
  ['i64', numeric('BigInt64Array', 'number | bigint')],
  ['u8', numeric('Uint8Array')],
  ['u16', numeric('Uint16Array')],
  ['u32', numeric('Uint32Array', 'number | bigint')],
  ['u64', numeric('BigUint64Array', 'number | bigint')],
  ['bool', numeric('Uint8Array', 'boolean')],
  ['string', numeric('readonly string[]', 'string')],
]);

/** Names that a declared type must not take: TypeScript's own, and the import's. */
const reserved = [
  'mdl',
  'any',
  'bigint',
  'boolean',
  'never',
  'null',
  'number',
  'object',
  'string',
  'symbol',
  'undefined',
  'unknown',
  'void',
];

/** A `.d.ts` with the interface `NAME` for `load<NAME>(…)`, and the classes of its outputs as unions. */
export function emitDeclaration(manifest: Manifest): string {
  const names = new Set<string>(reserved);
  const model = claim(names, capitalized(manifest.model));
  const inputs = claim(names, `${model}Inputs`);
  const outputs = claim(names, `${model}Outputs`);
  const unions: string[] = [];
  const answer = (port: string) => (spec: ManifestTensor) => outputType(spec, port, names, unions);
  const states = manifest.states ?? [];
  const carried = states.length === 0 ? undefined : claim(names, `${model}States`);
  const kept = states.map(({ name, doc, tensor }) => member({ name, tensor, ...(doc === undefined ? {} : { doc }) }, `mdl.TensorOutput<${elements.get(tensor.dtype)?.output ?? 'never'}>`));
  const given = manifest.inputs.map((port) => member(port, inputType(port)));
  const made = manifest.outputs.map((port) => member(port, portType(port, answer(port.name))));
  return [
    `// Made by ${oneLine(manifest.compiler)} from the model ${oneLine(manifest.model)}. Changes are lost at the next build.`,
    `import type * as mdl from 'mdl-lang/runtime';\n`,
    ...unions,
    `${comment(0, `What \`run\` of ${manifest.model} takes.`)}export interface ${inputs} {\n${given.join('')}}\n`,
    `${comment(0, `What \`run\` of ${manifest.model} gives.`)}export interface ${outputs} {\n${made.join('')}}\n`,
    ...(carried === undefined ? [] : [`${comment(0, `What a stream of ${manifest.model} carries from run to run.`)}export interface ${carried} {\n${kept.join('')}}\n`]),
    `${comment(0, ...(manifest.doc ? [manifest.doc] : []), `Use: \`load<${model}>(folder)\`.`)}export interface ${model} {\n  readonly inputs: ${inputs};\n  readonly outputs: ${outputs};\n${carried === undefined ? '' : `  readonly states: ${carried};\n`}${movable(manifest)}}\n`,
  ].join('\n');
}

/** What can be exchanged of a split model while it runs: its heads, and who may answer in their place. */
function movable({ heads = [], rollouts = [] }: Manifest): string {
  const union = (names: readonly string[]): string => [...new Set(names)].map(literal).join(' | ');
  const slot = ({ output, arms, shadows }: ManifestSlot): string => `      readonly ${key(output)}: ${union([...arms, ...shadows].map(({ name }) => name))};\n`;
  const declared = rollouts.map(({ name, slots }) => `    readonly ${key(name)}: {\n${slots.map(slot).join('')}    };\n`);
  return [
    ...(heads.length === 0 ? [] : [`  readonly heads: ${union(heads.map(({ name }) => name))};\n`]),
    ...(declared.length === 0 ? [] : [`  readonly rollouts: {\n${declared.join('')}  };\n`]),
  ].join('');
}

/** A type's name that nothing else in the file has. */
function claim(names: Set<string>, wanted: string): string {
  let name = wanted;
  for (let n = 2; names.has(name); n++) name = `${wanted}${n}`;
  names.add(name);
  return name;
}

/** `topic_2` as a type's name: `Topic2`. */
function capitalized(name: string): string {
  const words = name.split(/[^\p{ID_Continue}$]+|_/u).filter((word) => word !== '');
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[\p{ID_Start}$]/u.test(joined) ? joined : `_${joined}`;
}

const key = (name: string): string =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);

const literal = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

function outputType(spec: ManifestTensor, port: string, names: Set<string>, unions: string[]): string {
  const data = elements.get(spec.dtype)?.output ?? 'never';
  const classes = spec.dims.at(-1)?.classes;
  if (classes === undefined || classes.length === 0) return `mdl.TensorOutput<${data}>`;
  const union = claim(names, `${capitalized(port)}Class`);
  const label = spec.dims.at(-1)?.label;
  const doc = comment(
    0,
    `The classes of ${port}${label === undefined ? '' : ` (${label})`}, in the order of the axis.`,
  );
  unions.push(`${doc}export type ${union} =\n${classes.map((c) => `  | ${literal(c)}`).join('\n')};\n`);
  return `mdl.TensorOutput<${data}, ${union}>`;
}

function tensorInput(spec: ManifestTensor): string {
  const row = elements.get(spec.dtype);
  return row === undefined ? 'never' : `mdl.TensorInput<${row.input}, ${row.element}, ${spec.dims.length}>`;
}

const inputType = (port: ManifestPort): string => {
  const tensors = portType(port, tensorInput);
  if (port.tensor && layoutOf(port.tensor) !== undefined) return `mdl.PictureInput | readonly mdl.PictureInput[] | ${tensors}`;
  return port.tokenizer === undefined ? tensors : `mdl.TextInput | ${tensors}`;
};

function portType(port: ManifestPort, type: (spec: ManifestTensor) => string): string {
  if (port.tensor) return type(port.tensor);
  return recordType(nestFields(Object.entries(port.fields ?? {})), type, 2);
}

function recordType(fields: FieldTree<ManifestTensor>, type: (spec: ManifestTensor) => string, indentation: number): string {
  const inner = indentation + 2;
  const lines = [...fields].map(([name, field]) =>
    'leaf' in field
      ? `${comment(inner, describeTensor(field.leaf))}${' '.repeat(inner)}readonly ${key(name)}: ${type(field.leaf)};\n`
      : `${' '.repeat(inner)}readonly ${key(name)}: ${recordType(field.fields, type, inner)};\n`,
  );
  return `{\n${lines.join('')}${' '.repeat(indentation)}}`;
}

function member(port: ManifestPort, type: string): string {
  const shape = port.tensor ? [describeTensor(port.tensor)] : [];
  const contract = port.contract === undefined ? [] : [`Contract ${port.contract}.`];
  return `${comment(2, ...(port.doc ? [port.doc] : []), ...contract, ...shape)}  readonly ${key(port.name)}: ${type};\n`;
}

/** `f32[batch, Topic: 10] where range [0, 1] (proved)` */
function describeTensor(spec: ManifestTensor): string {
  const type = `${spec.dtype}[${spec.dims.map(showDim).join(', ')}]`;
  const facts = spec.facts.map((fact) => `${showFact(fact)} (${fact.evidence}${fact.because === undefined ? '' : `: ${fact.because}`})`);
  return facts.length === 0 ? `\`${type}\`` : `\`${type}\` where ${facts.join(', ')}`;
}

const showDim = (dim: ManifestDim): string =>
  dim.label === undefined ? String(dim.size) : `${dim.label}: ${dim.size}`;

const showEnds = ({ low, high }: ManifestEnds): string => `[${low}, ${high}]`;

function showFact(fact: ManifestFact): string {
  switch (fact.kind) {
    case 'range':
      return fact.rows ? `range (${fact.rows.axis}) [${fact.rows.ends.map(showEnds).join(', ')}]` : `range ${showEnds(fact)}`;
    case 'norm':
    case 'sum':
      return `${fact.kind}(${fact.axis}) == ${fact.value} +- ${fact.tolerance}`;
    case 'space':
    case 'tokenizer':
      return `${fact.kind} ${fact.id}@${fact.version}`;
    case 'attribute':
      return `${fact.id} == ${fact.value}`;
    default:
      return fact.kind;
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

/** A doc comment of some paragraphs. */
function comment(indentation: number, ...paragraphs: readonly string[]): string {
  const indent = ' '.repeat(indentation);
  const lines = paragraphs.flatMap((text) => text.replaceAll('*/', '*\\/').split(/\r\n|[\r\n\u2028\u2029]/));
  if (lines.length <= 1) return lines.map((line) => `${indent}/** ${line} */\n`).join('');
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}
