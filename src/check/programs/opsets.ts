/** The opsets of a program: the newest that one of its files or operators wants. Older files are converted to them. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Link } from '../../ir/program.ts';
import { opsetOf } from '../../ops/narrow.ts';
import type { Checker } from '../context.ts';
import { tensorsOf } from '../parts/signature.ts';
import type { Draft } from './draft.ts';

/** The newest opset that every checker in use reads; taken where no backbone says otherwise. */
const defaultOpset = 17;

type Opsets = ReadonlyMap<string, number>;
interface Stuck {
  readonly link: Link;
  readonly finding: Finding;
}

/** Domain to version. Reported are files that cannot be converted, and operators that are newer than all can become. */
export function reconcileOpsets(draft: Draft): Opsets {
  const links = draft.steps.filter((step) => step.kind === 'link');
  const newest = newestOf(links);
  if (!newest.has('')) newest.set('', defaultOpset);
  const stuck = findStuck(draft, links, newest);
  for (const each of stuck) reportConflict(draft, links, newest, each);
  const wanted = Math.max(newest.get('')!, ...calls(draft).map(({ since }) => since), ...givenOpsets(draft));
  const raised = new Map(newest).set('', wanted);
  const held = wanted === newest.get('') ? [] : findStuck(draft, links, raised);
  if (held.length === 0) return raised;
  reportTooOld(draft, newest.get('')!, held);
  return newest;
}

function newestOf(links: readonly Link[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { model } of links)
    for (const [domain, version] of model.opsets) newest.set(domain, Math.max(version, newest.get(domain) ?? 0));
  return newest;
}

/** Links whose files cannot be converted to these opsets. */
function findStuck({ checker }: Draft, links: readonly Link[], opsets: Opsets): readonly Stuck[] {
  return links.flatMap((link) => {
    const converted = checker.files.converted(link, opsets);
    return converted.ok ? [] : [{ link, finding: converted.finding }];
  });
}

/** An input that is handed out, or whose sizes are tested, is read by nodes of ours. */
const givenOpsets = ({ given }: Draft): readonly number[] => given.flatMap(tensorsOf).map(({ dtype }) => opsetOf(dtype));

const calls = (draft: Draft) =>
  draft.steps
    .filter((step) => step.kind === 'call')
    .map(({ operator, call, site }) => ({ operator, site, since: operator.since(call.types, call.attributes) }));

function reportTooOld(draft: Draft, opset: number, [held]: readonly Stuck[]): void {
  const reason = held === undefined ? [] : [held.finding.message];
  for (const { operator, site, since } of calls(draft)) {
    if (since <= opset) continue;
    draft.checker.diagnostics.push(
      partCodes.report('opset-too-old', { operator: operator.name, since, opset }, site, {
        label: `needs opset ${since}`,
        notes: [...reason, `Export that file with opset ${since} or later.`],
      }),
    );
  }
}

function reportConflict(draft: Draft, links: readonly Link[], newest: Opsets, { link, finding }: Stuck): void {
  const { checker, symbol } = draft;
  const domains = [...newest.keys()].filter((domain) => (link.model.opsets.get(domain) ?? Infinity) < newest.get(domain)!);
  const domain = domains[0] ?? '';
  const version = (other: Link): string => `${domain === '' ? 'opset' : `${domain} opset`} ${other.model.opsets.get(domain)}`;
  const show = (other: Link): string => `${checker.host.display(other.model.uri)} (${version(other)})`;
  const newer = links.find((other) => other.model.opsets.get(domain) === newest.get(domain)) ?? link;
  checker.diagnostics.push(
    partCodes.report('opset-conflict', { model: symbol.name, older: show(link), newer: show(newer) }, link.origin, {
      label: version(link),
      related: [{ location: newer.origin, text: version(newer) }],
      notes: [finding.message, ...finding.notes, ...exportAdvice(checker, link, newest.get(domain)!)],
    }),
  );
}

const exportAdvice = ({ host }: Checker, link: Link, version: number): readonly string[] => [
  `Export ${host.display(link.model.uri)} with opset ${version}, or build two models.`,
];
