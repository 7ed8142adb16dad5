/**
 * Gives the event loop its turn, in which a listener is told of a signal that came. Files are read and written
 * synchronously, which no signal interrupts once somebody listens to it.
 */
export const hearSignals = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
