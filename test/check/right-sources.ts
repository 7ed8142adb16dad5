/** Programs of which nothing is said to be wrong, for tests that hold all models to something. */
import { readFileSync, readdirSync } from 'node:fs';
import { examplesOf } from './language-examples.ts';

const read = (name: string): string => readFileSync(new URL(`../cases/${name}`, import.meta.url), 'utf8');
const inFolder = (folder: string): readonly string[] => readdirSync(new URL(`../cases/${folder}/`, import.meta.url)).filter((name) => name.endsWith('.mdl'));
const modules = Object.fromEntries(inFolder('check/modules').map((name) => [name, read(`check/modules/${name}`)]));
const programs = Object.fromEntries(inFolder('programs').map((name) => [name, read(`programs/${name}`)]));
const page = examplesOf(readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8')).filter(({ code }) => code === undefined);

/** A fixture with a model, of which nothing is said to be wrong. */
const isRight = (text: string): boolean => /^model /m.test(text) && !/\/\/ *\^/.test(text);

/** Modules that are right, with those that they import: the fixtures, and the examples of the page of the language. */
export const rightSources: readonly Readonly<Record<string, string>>[] = [
  ...inFolder('check').filter((name) => isRight(read(`check/${name}`))).map((name) => ({ [name]: read(`check/${name}`), ...modules })),
  ...Object.keys(programs).map((name) => ({ [name]: programs[name]!, ...programs })),
  ...page.map(({ name, text }) => ({ [name]: text })),
];
