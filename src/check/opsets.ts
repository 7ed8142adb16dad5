/** The opsets of a program: those of the files that it is made of. */
import { partCodes } from '../diagnostics/codes/parts.ts';
import type { Link } from '../ir/program.ts';
import type { Checker } from './context.ts';
import type { Draft } from './draft.ts';

/** The newest opset that every checker in use reads; taken where no backbone says otherwise. */
const defaultOpset = 17;

/** Every domain's version is what the first file that imports it says; another one is reported. */
export function reconcileOpsets(draft: Draft): ReadonlyMap<string, number> {
  const { checker, model } = draft;
  const first = new Map<string, { readonly version: number; readonly step: Link }>();
  for (const step of draft.steps) {
    if (step.kind !== 'link') continue;
    for (const [domain, version] of step.model.opsets) {
      const known = first.get(domain);
      if (known === undefined) first.set(domain, { version, step });
      else if (known.version !== version) checker.diagnostics.push(opsetConflict(model.name, domain, known.step, step, checker));
    }
  }
  const opsets = new Map([...first].map(([domain, { version }]) => [domain, version]));
  if (!opsets.has('')) opsets.set('', defaultOpset);
  for (const step of draft.steps) {
    if (step.kind !== 'call') continue;
    const { operator, call, site } = step;
    const args = { operator: operator.name, since: operator.since(call.types, call.attributes), opset: opsets.get('')! };
    if (args.since <= args.opset) continue;
    const file = first.get('')?.step.model.uri;
    const notes = file === undefined ? [] : [`The opset is that of ${checker.host.display(file)}: export it with opset ${args.since} or later.`];
    checker.diagnostics.push(partCodes.report('opset-too-old', args, site, { label: `needs opset ${args.since}`, notes }));
  }
  return opsets;
}

function opsetConflict(model: string, domain: string, first: Link, second: Link, { host }: Checker) {
  const version = (link: Link): string => `${domain === '' ? 'opset' : `${domain} opset`} ${link.model.opsets.get(domain)}`;
  const show = (link: Link): string => `${host.display(link.model.uri)} (${version(link)})`;
  return partCodes.report('opset-conflict', { model, first: show(first), second: show(second) }, second.origin, {
    label: version(second),
    related: [{ location: first.origin, text: version(first) }],
    notes: ['Files of different opsets cannot be joined yet; export both with the same opset.'],
  });
}
