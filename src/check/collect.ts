import type { Parameter, Sink } from './env.ts';

/** A sink that builds nothing and remembers the parameters it is told of. */
export function collectingSink(found: Parameter[]): Sink {
  return {
    operation: () => '',
    link: () => new Map(),
    scalar: () => '',
    parameter: (parameter) => {
      found.push(parameter);
      return '';
    },
  };
}
