/** What the threads of a pool and the thread that owns it say to each other. */
import type { Finding } from '../diagnostics/diagnostic.ts';
import type { RawTensor, SessionPort, SessionSettings } from './session.ts';

export type Tensors = ReadonlyMap<string, RawTensor>;

/** What a thread is asked to do. `session` numbers the sessions of a pool, alike in all its threads. */
export type Task =
  | { readonly kind: 'open'; readonly session: number; readonly model: string | Uint8Array; readonly settings: SessionSettings }
  | { readonly kind: 'run'; readonly session: number; readonly feeds: Tensors; readonly outputs: readonly string[] }
  | { readonly kind: 'release'; readonly session: number }
  | { readonly kind: 'end' };

/** What comes of each kind of task. */
export interface Outcomes {
  readonly open: { readonly inputs: readonly SessionPort[]; readonly outputs: readonly SessionPort[]; readonly loadedIn: number };
  readonly run: Tensors;
  readonly release: undefined;
  readonly end: undefined;
}

export type Request = Task & { readonly id: number };

export type Reply =
  | { readonly id: number; readonly value: Outcomes[keyof Outcomes] }
  /** A finding of ours, or the message of a foreign error. */
  | { readonly id: number; readonly error: Finding | string };
