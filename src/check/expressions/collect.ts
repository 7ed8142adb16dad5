/** Looking for the parameters below a declaration, by following its calls. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Checker } from '../context.ts';
import { templatesInto } from './templates.ts';
import { mostCalls, type Deep, type Parameter, type Sink } from '../env.ts';

/** A sink that builds nothing and remembers the parameters it is told of; what parts own themselves, it may not be told of. */
export function collectingSink(found: Parameter[], { faulty, diagnostics, templates }: Checker): Sink {
  // What is called was checked before.
  const sound = !faulty && !diagnostics.some(({ severity }) => severity === 'error');
  const sink: Sink = {
    onlyParameters: true,
    sound,
    templates: sound ? templates : undefined,
    body: templatesInto(() => sink),
    operation: () => '',
    link: () => new Map(),
    constant: () => '',
    guard: () => '',
    given: () => {},
    demand: () => true,
    place: () => {},
    needless: () => {},
    parameter: (parameter) => {
      found.push(parameter);
      return '';
    },
  };
  return sink;
}

/** Says that there are more calls than were followed; true where that is so. */
export function reportTooLarge(symbol: Symbol, deep: Deep, checker: Checker): boolean {
  if (deep.budget.left > 0) return false;
  checker.diagnostics.push(
    partCodes.report('too-large', { name: symbol.name, limit: mostCalls }, at(symbol.module, symbol.declaration.name.span), {
      notes: ['A part that calls another twice, which calls a third twice, and so on, doubles with each of them.'],
    }),
  );
  return true;
}
