/** What the table of commands is made of, and what a command gets. */
import type { Io } from './io.ts';

export type OptionValue = string | number | boolean | readonly string[] | undefined;

export interface Call {
  /** Positional arguments. */
  readonly args: readonly string[];
  /** By their names in camel case: `printWidth`. */
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly io: Io;
}

/** Answers with the exit code. */
export type Command = (call: Call) => Promise<number>;

export interface OptionRow {
  /** As commander reads it: `--out <folder>`. */
  readonly flags: string;
  /** Of `-o`, the letter. */
  readonly letter?: string;
  readonly summary: string;
  readonly value?: string | number;
  /** A whole number from 1. */
  readonly count?: true;
  /** May be given more than once. */
  readonly repeatable?: true;
  readonly choices?: readonly string[];
}

export interface Positional {
  readonly name: string;
  readonly summary: string;
}

export interface CommandRow {
  readonly name: string;
  readonly summary: string;
  /** As commander reads it: `[files...]`. */
  readonly argument?: Positional;
  /** What may follow the first argument. */
  readonly more?: Positional | readonly Positional[];
  readonly options: readonly OptionRow[];
  readonly examples: readonly string[];
  /** The module is loaded only when its command is called. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

export const flag = (call: Call, name: string): boolean => call.options[name] === true;
export const text = (call: Call, name: string): string | undefined => {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
};
export const count = (call: Call, name: string, otherwise: number): number => {
  const value = call.options[name];
  return typeof value === 'number' ? value : otherwise;
};
export const list = (call: Call, name: string): readonly string[] => {
  const value = call.options[name];
  return Array.isArray(value) ? value : [];
};
