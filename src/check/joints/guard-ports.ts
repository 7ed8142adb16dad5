/** The guards of a program: which of its outputs rest on each, and the hidden outputs by which a run learns what they count. */
import type { Port } from '../../ir/program.ts';
import { showStatement } from '../../types/show.ts';
import type { Draft, GuardStep } from '../programs/draft.ts';
import type { Guard } from '../env.ts';
import type { CheckedGuard, NeedlessGuard } from '../model.ts';

export interface GuardPorts {
  readonly guards: readonly CheckedGuard[];
  readonly ports: readonly Port[];
  readonly needless: readonly NeedlessGuard[];
}

/** `outputs` are the program's; `claim` makes a name that no port has. */
export function guardPorts(draft: Draft, outputs: readonly Port[], claim: (name: string) => string): GuardPorts {
  const makers = draft.steps.some((step) => step.kind === 'guard') ? makersOf(draft) : new Map();
  const passed = outputs.map((port) => ({ port, guards: guardsBefore(port.value, makers) }));
  const guards: CheckedGuard[] = [];
  const ports: Port[] = [];
  for (const step of draft.steps) {
    if (step.kind !== 'guard') continue;
    const of = passed.filter((each) => each.guards.has(step)).map(({ port }) => port.name);
    // What no output is made of is not computed.
    if (of.length === 0) continue;
    const described = { ...describe(step.guard), outputs: of };
    if (step.counts === undefined) {
      guards.push(described);
      continue;
    }
    const { ref, rows, axes } = step.counts;
    const tensor = claim(`guard.${step.guard.to.replace("'s result", '')}`);
    ports.push({ name: tensor, value: ref, hidden: of });
    guards.push({ ...described, counts: { tensor, ...(rows === undefined ? {} : { rows }), ...(axes === undefined ? {} : { axes }) } });
  }
  return { guards, ports, needless: needlessOf(draft, guards) };
}

const describe = ({ location, to, from, contract, fact }: Guard): Omit<CheckedGuard, 'outputs'> => ({
  location,
  from,
  to,
  ...(contract === undefined ? {} : { contract }),
  what: fact.kind === 'shape' ? fact.type : showStatement(fact),
  violation: fact.violation,
});

type Step = Draft['steps'][number];

/** The step that makes each value. */
const makersOf = ({ steps }: Draft): ReadonlyMap<string, Step> =>
  new Map(steps.flatMap((step) => (step.kind === 'link' ? [...step.outputs.values()] : [step.value]).map((value) => [value, step] as const)));

/** The guards that a value, or something that it is made of, has passed. */
function guardsBefore(value: string, makers: ReadonlyMap<string, Step>): ReadonlySet<GuardStep> {
  const seen = new Set<Step>();
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const step = makers.get(next);
    if (step === undefined || seen.has(step)) continue;
    seen.add(step);
    open.push(...(step.kind === 'link' ? step.inputs.values() : step.kind === 'guard' ? [step.of] : step.call.inputs));
  }
  return new Set([...seen].filter((step) => step.kind === 'guard'));
}

/** A part that is called twice may need at one call what it does not at another: that guard is not called needless. */
function needlessOf({ needless }: Draft, guards: readonly CheckedGuard[]): readonly NeedlessGuard[] {
  const key = ({ location, to, what }: Pick<CheckedGuard, 'location' | 'to' | 'what'>): string => JSON.stringify([location, to, what]);
  const needed = new Set(guards.map(key));
  const found = needless.map(({ guard, evidence }) => ({ ...describe(guard), evidence }));
  return [...new Map(found.filter((guard) => !needed.has(key(guard))).map((guard) => [key(guard), guard])).values()];
}
