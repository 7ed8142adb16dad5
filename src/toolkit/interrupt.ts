/** Ctrl-C during long work: it ends when its state is safe, and not before. */
import { hearSignals } from '../host/hear-signals.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupt {
  /** Whether somebody asked for an end. */
  asked(): Promise<boolean>;
  /** Signals end the process again, as before. */
  release(): void;
}

export function listen(): Interrupt {
  let asked = false;
  const hear = (): void => {
    asked = true;
  };
  for (const signal of signals) process.on(signal, hear);
  return {
    async asked() {
      await hearSignals();
      return asked;
    },
    release: () => signals.forEach((signal) => process.off(signal, hear)),
  };
}
