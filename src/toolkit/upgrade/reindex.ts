/**
 * Outputs that are the vectors themselves, which somebody keeps in an index. Where that is to be made anew, they are those of the
 * new encoder as they are, and only heads read what the bridge makes of them.
 */
import type { Symbol } from '../../names/modules.ts';
import type { Expr, ModelDecl, ModelOutput, Node } from '../../syntax/ast.ts';
import { withoutFields, type CallSite, type Edit } from './call-sites.ts';
import type { EncoderVectors } from './encoder.ts';
import type { ModuleText } from './module-text.ts';
import { argumentAt, letsOf } from './retype.ts';

export interface VectorOutput {
  readonly output: ModelOutput;
  /** The call that gives them, perhaps by way of a `let`. */
  readonly site: CallSite;
}

/** The outputs of a model that are the vectors. */
export function vectorOutputs(sites: readonly CallSite[], model: Symbol<ModelDecl>): readonly VectorOutput[] {
  const lets = letsOf(model);
  const siteOf = (expr: Expr | undefined): CallSite | undefined =>
    expr === undefined ? undefined : (sites.find(({ caller, vectors }) => caller === model && vectors.includes(expr)) ?? (expr.kind === 'NameExpr' ? siteOf(lets.get(expr.name.text)) : undefined));
  return model.declaration.members.flatMap((member) => {
    const site = member.kind === 'ModelOutput' ? siteOf(member.value) : undefined;
    return member.kind === 'ModelOutput' && site !== undefined ? [{ output: member, site }] : [];
  });
}

/** How the outputs of one module become vectors of the new encoder, and the calls that no head reads; these need no bridge. */
export interface Direct {
  readonly edits: readonly Edit[];
  readonly sites: ReadonlySet<CallSite>;
}

export interface DirectRequest {
  readonly old: EncoderVectors;
  readonly next: EncoderVectors;
  /** Of one module. */
  readonly sites: readonly CallSite[];
  /** Models with nothing but vectors. */
  readonly alone: ReadonlySet<Symbol>;
}

/** In a model with heads the output is a call of its own; where all outputs are the vectors, the call itself is another. */
export function directEdits({ old, next, sites, alone }: DirectRequest, text: ModuleText): Direct {
  const callOf = (site: CallSite): string => {
    const args = old.inputs.map(({ name }, i) => argumentAt(site, name, i)!).map(({ span }) => site.caller.module.source.text.slice(span.start, span.end));
    return `${text.use(next.symbol)}(${args.join(', ')})${next.output === undefined ? '' : `.${next.output}`}`;
  };
  const models = [...new Set(sites.map(({ caller }) => caller))].filter((caller): caller is Symbol<ModelDecl> => caller.declaration.kind === 'ModelDecl');
  const outputs = models.flatMap((model) => vectorOutputs(sites, model));
  const ofTypes = outputs.flatMap(({ output: { type } }): Edit[] => (type === undefined ? [] : [{ span: type.span, text: text.copy(next.written.type, next.written.module) }]));
  const inModels = sites.filter(({ caller }) => alone.has(caller));
  const apart = outputs.filter(({ site }) => !inModels.includes(site));
  return {
    edits: [...ofTypes, ...inModels.flatMap((site) => [{ span: site.call.span, text: callOf(site) }, ...withoutFields(site)]), ...apart.map(({ output, site }) => ({ span: output.value.span, text: callOf(site) }))],
    sites: new Set([...inModels, ...apart.flatMap(({ output, site }) => (isIn(site.call, output.value) ? [site] : []))]),
  };
}

const isIn = (inner: Node, outer: Node): boolean => outer.span.start <= inner.span.start && inner.span.end <= outer.span.end;
