/** The files of the VS Code extension: what its package.json names is there and is packed, and its patterns fit the language. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../editors/vscode');
const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');

interface Manifest {
  readonly icon: string;
  readonly files: readonly string[];
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly configuration: string; readonly icon: { readonly light: string; readonly dark: string } }[];
    readonly grammars: readonly { readonly language: string; readonly scopeName: string; readonly path: string }[];
  };
}
const manifest = JSON.parse(read('package.json')) as Manifest;
const [language] = manifest.contributes.languages;
const [grammar] = manifest.contributes.grammars;

test('what it names is there, and is packed', () => {
  const named = [manifest.icon, language!.configuration, language!.icon.light, language!.icon.dark, grammar!.path].map((file) => path.normalize(file));
  expect(named.filter((file) => !existsSync(path.join(folder, file)))).toEqual([]);
  expect(named.filter((file) => !manifest.files.some((packed) => file === packed || file.startsWith(`${packed}/`)))).toEqual([]);
});

test('its icon is a PNG of at least 128 pixels, as the Marketplace takes them', () => {
  const png = readFileSync(path.join(folder, manifest.icon));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([256, 256]);
});

test('its grammar is that of its language', () => {
  expect(grammar!.language).toBe(language!.id);
  expect((JSON.parse(read(grammar!.path)) as { scopeName: string }).scopeName).toBe(grammar!.scopeName);
});

interface Configuration {
  readonly wordPattern: string;
  readonly folding: { readonly markers: { readonly start: string; readonly end: string } };
  readonly indentationRules: { readonly increaseIndentPattern: string; readonly decreaseIndentPattern: string };
}
const { wordPattern, folding, indentationRules } = JSON.parse(read(language!.configuration)) as Configuration;

test('its words are names and numbers', () => {
  expect('linear(out: Topic_2) |> onnx.Add @ 2.0.0'.match(new RegExp(wordPattern, 'g'))).toEqual(['linear', 'out', 'Topic_2', 'onnx', 'Add', '2.0.0']);
});

test('a line that ends in an opening bracket is followed by a deeper one, a line that begins with a closing one is not as deep', () => {
  const deeper = new RegExp(indentationRules.increaseIndentPattern);
  const open = ['model Reviews {', 'head H(x: T) -> U weights "./h.safetensors" {', '  let y = a / b + f(', 'budget { // what it may cost', '  budget {  ', 'labels L = ['];
  const others = ['// a {', 'let y = x // {', '  source "./a{"', 'import { a } from "std/nn"', 'source "{', ''];
  expect([open, others].map((lines) => lines.map((line) => deeper.test(line)))).toEqual([open.map(() => true), others.map(() => false)]);
  const shallower = new RegExp(indentationRules.decreaseIndentPattern);
  expect(['}', '  ]', ') -> f32[n] {', 'x }'].map((line) => shallower.test(line))).toEqual([true, true, true, false]);
});

test('regions fold', () => {
  expect([new RegExp(folding.markers.start).test('// #region heads'), new RegExp(folding.markers.end).test('  // #endregion')]).toEqual([true, true]);
});
