/** Foreign patterns can take longer than the world has stood, `(a+)+$` on forty letters; this ends what takes too long. */
import vm from 'node:vm';

let call: ((task: () => unknown, milliseconds: number) => unknown) | undefined;

/** V8 looks at the clock within a match, too, but only for a script that it was given a time for. */
function makeCall() {
  const context: { task?: () => unknown } = vm.createContext({}, { name: 'mdl: bounded' });
  const script = new vm.Script('task()');
  return (task: () => unknown, timeout: number): unknown => {
    context.task = task;
    try {
      return script.runInContext(context, { timeout });
    } finally {
      delete context.task;
    }
  };
}

/** What a synchronous task answers, or undefined where it takes longer. Its errors are thrown. */
export function within<T extends object | string>(milliseconds: number, task: () => T): T | undefined {
  call ??= makeCall();
  try {
    return call(task, milliseconds) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
