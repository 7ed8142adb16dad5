/** Many inputs: a list of them, or a source that is asked for the next one only when it is wanted. */
import { MdlRuntimeError } from '../errors.ts';

/** What a source of inputs may be. */
export type Source<I> = Iterable<I> | AsyncIterable<I>;

/** The answers in the order of the inputs, of which `ahead` are begun at once. The first input at fault ends it, and its error says which it was. */
export async function runEach<I, O>(inputs: Iterable<I>, ahead: number, run: (input: I) => Promise<O>): Promise<O[]> {
  const answers: O[] = [];
  let begun: Promise<O>[] = [];
  for (const input of inputs) {
    begun.push(settled(placed(run(input), answers.length + begun.length)));
    if (begun.length < ahead) continue;
    for (const answer of begun) answers.push(await answer);
    begun = [];
  }
  for (const answer of begun) answers.push(await answer);
  return answers;
}

/**
 * The answers in the order of the inputs. At most `ahead` inputs are under way; the source is asked for the next one only
 * while fewer are, and an answer that is there waits for no input. Whoever stops asking ends the source.
 */
export async function* streamEach<I, O>(source: Source<I>, ahead: number, run: (input: I) => Promise<O>): AsyncGenerator<O, void, undefined> {
  const inputs = iterate(source);
  const pending: Promise<O>[] = [];
  let asked: Promise<IteratorResult<I, unknown>> | undefined;
  let taken = 0;
  let ended = false;
  try {
    for (;;) {
      if (!ended && pending.length < ahead) asked ??= inputs.next();
      const [first] = pending;
      if (first !== undefined && (asked === undefined || (await isSooner(first, asked)))) {
        pending.shift();
        yield await first;
      } else if (asked === undefined) return;
      else {
        const next = await asked;
        asked = undefined;
        ended = next.done === true;
        if (next.done !== true) pending.push(settled(placed(run(next.value), taken++)));
      }
    }
  } finally {
    const closing = inputs.return();
    // A source that still owes an input ends when it has brought it.
    if (asked === undefined) await closing;
    else settled(closing);
  }
}

async function* iterate<I>(source: Source<I>): AsyncGenerator<I, void, undefined> {
  yield* source;
}

const isSooner = (one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> =>
  Promise.race([one, other].map((promise) => promise.then(() => promise === one, () => promise === one)));

/** The same promise; its failure is nobody's until it is awaited. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** An error of ours that says which of the inputs it is about. */
async function placed<O>(answer: Promise<O>, index: number): Promise<O> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof MdlRuntimeError)) throw error;
    const { finding, cause } = error;
    throw new MdlRuntimeError({ ...finding, notes: [...finding.notes, `It is about the input ${index}, counted from 0.`] }, { cause });
  }
}

/** What the work comes to, or the signal's reason as soon as there is one: the work itself goes on. */
export function abandonable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const forget = whenAborted(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(forget);
  });
}

/** Who waits for a signal. It is listened to once, however many do: Node warns of a leak from the eleventh listener on. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Answers with what takes the wish back. */
function whenAborted(signal: AbortSignal, tell: () => void): () => void {
  const all = waiting.get(signal) ?? new Set();
  waiting.set(signal, all);
  if (all.size === 0) signal.addEventListener('abort', tellAll, { once: true });
  all.add(tell);
  return () => {
    all.delete(tell);
    if (all.size === 0) signal.removeEventListener('abort', tellAll);
  };
}

function tellAll(this: AbortSignal): void {
  for (const tell of waiting.get(this) ?? []) tell();
}
