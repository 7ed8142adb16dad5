/** Derivatives through the parts of the library, by what goes in and by their parameters, against differences. */
import { expect, test } from 'vitest';
import { createRandom } from '../../../src/data/random.ts';
import type { Initializer, Program } from '../../../src/ir/program.ts';
import { numberBytes } from '../../../src/ir/scalar.ts';
import { intDim } from '../../../src/types/dim.ts';
import { checkText, safetensors } from '../../check/world.ts';
import { cases, type Case } from '../../stdlib/cases.ts';
import { discrepancy, tolerance, type Operand } from './differences.ts';

const sizes: Readonly<Record<string, number>> = { batch: 3, others: 3, seq: 2, d: 4, h: 3, w: 3 };
/** `f32[batch, d]` with numbers for its names. */
const withSizes = (text: string): string => text.replace(/\[.*?\]/g, (dims) => dims.replace(/\b(batch|others|seq|[dhw])\b/g, (name) => String(sizes[name])));
const dimsOf = (text: string): number[] => {
  const dims = withSizes(text.includes('[') ? /\[.*?\]/.exec(text)![0] : `[${text}]`);
  return dims === '[]' ? [] : dims.slice(1, -1).split(',').map((dim) => Number(dim.split(':').at(-1)));
};

const random = createRandom(11);
const between = (low: number, high: number) => (): number => low + (high - low) * random.uniform();
const draw = (dims: readonly number[], value: () => number): Operand => ({ dims, data: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, value) });

/** The part as a program of its floating-point inputs and its parameters. */
function programOf({ module, part, call, types, result, weights = {} }: Case): { readonly program: Program; readonly operands: readonly Operand[] } | string {
  const names = Object.keys(types);
  const parameters = names.map((name) => `${name}: ${name.toUpperCase()}`).join(', ');
  const entries = Object.fromEntries(Object.entries(weights).map(([name, dims]) => [name, { dims: dimsOf(dims) }]));
  const text = [
    `import { ${part} } from "${module}"`,
    ...Object.entries(types).map(([name, type]) => `contract ${name.toUpperCase()} = ${withSizes(type)}`),
    result === undefined ? '' : `head H(${parameters}) -> ${withSizes(result)} weights "./w.safetensors" { ${call} }`,
    `model M { ${names.map((name) => `input ${name}: ${name.toUpperCase()}`).join('\n')}\n output answer = ${result === undefined ? call : `H(${names.join(', ')})`} }`,
  ].join('\n');
  const compilation = checkText(text, { 'w.safetensors': safetensors(entries) });
  const model = compilation.models[0];
  if (model === undefined) return compilation.diagnostics.map(({ message }) => message).join('; ');
  const { program } = model;
  const given = program.initializers.filter(({ weights: file }) => file !== undefined);
  const isFloat = (name: string): boolean => types[name]!.startsWith('f32');
  const fixed = names.filter((name) => !isFloat(name)).map((name): Initializer => {
    const dims = dimsOf(types[name]!);
    return { name, dtype: 'i64', dims, bytes: numberBytes('i64', draw(dims, () => 1).data) };
  });
  const inputs = [...names.filter(isFloat), ...given.map(({ name }) => name)];
  const operands = [...names.filter(isFloat).map((name) => draw(dimsOf(types[name]!), between(0.5, 2.5))), ...given.map(({ dims }) => draw(dims, between(0.4, 1)))];
  const known = new Map([...program.types, ...inputs.map((name, i) => [name, { dtype: 'f32' as const, dims: operands[i]!.dims.map(intDim) }] as const), ...fixed.map(({ name, dims }) => [name, { dtype: 'i64' as const, dims: dims.map(intDim) }] as const)]);
  const value = program.outputs[0]!.value;
  known.set(value, { dtype: 'f32', dims: known.get(value)!.dims });
  return { operands, program: { ...program, types: known, inputs: inputs.map((name) => ({ name: `given ${name}`, value: name })), outputs: [{ name: 'y', value }], initializers: [...program.initializers.filter((one) => !given.includes(one)), ...fixed] } };
}

/** What heads and adapters are made of. Pictures are prepared before anything is learned; of maxima only the operator is tried, away from its corners. */
const learned = cases.filter(({ module, part, types }) => module !== 'std/vision' && part !== 'max_pool' && Object.values(types).some((type) => type.startsWith('f32')));

test.each(learned.map((one) => [`${one.module} ${one.part}`, one] as const))('%s', async (_, one) => {
  const made = programOf(one);
  if (typeof made === 'string') throw new Error(made);
  expect(await discrepancy(made.program, made.operands, random)).toBeLessThan(tolerance.f32);
});
