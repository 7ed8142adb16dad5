/** What recognisers of other languages' idioms look at, and how they answer. */
import type { IToken } from 'chevrotain';
import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { Stumble } from './changes.ts';

export interface Idiom {
  readonly note: string;
  readonly fixes?: readonly Fix[];
}

export interface Scene extends Stumble {
  /** What was found, and its neighbours; the text of each, "" beyond the ends. */
  readonly found: string;
  readonly before: string;
  readonly next: string;
  readonly awaited: readonly string[];
}

export type Recognise = (scene: Scene) => Idiom | undefined;

/** An edit of the text between two offsets. */
export const editOf = ({ source }: Scene, start: number, end: number, text: string): Edit => ({ location: { uri: source.uri, span: { start, end } }, text });
export const change = (scene: Scene, title: string, start: number, end: number, text: string): Fix[] => [{ title, edits: [editOf(scene, start, end, text)] }];

export const imageAt = ({ tokens }: Pick<Stumble, 'tokens'>, index: number): string => tokens[index]?.image ?? '';
export const startOf = ({ tokens }: Pick<Stumble, 'tokens'>, index: number): number => tokens[index]!.startOffset;
export const isString = (token: IToken | undefined): token is IToken => token?.image.startsWith('"') === true;
/** Whether a text could be a name. */
export const isPlainName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text);
