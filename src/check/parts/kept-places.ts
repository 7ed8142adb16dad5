/**
 * What a body that keeps a space, a tokenizer or the order of colours does to places and ids. The same place of a vector is one feature: a body that
 * cuts the last axis and joins it in another order gives other features.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Expr, PartDecl } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import type { Env } from '../env.ts';
import { colourAxis } from '../joints/readings.ts';
import { cutOf, keptColour, keptColoursNote, keptPlacesNote, numberIn, operationOf, resolved, type Body, type Moved, type Places } from './kept-body.ts';
import { reportCounted } from './kept-ids.ts';
import { promisedPlace } from './kept-space.ts';
import { isLast, mixed, shifted, sorted, turned } from './mixed-features.ts';
import { tensorsOf, type Signature } from './signature.ts';

export function checkKeptPlaces(signature: Signature, env: Env): void {
  const { declaration } = signature.symbol as Symbol<PartDecl>;
  if (declaration.body === undefined || declaration.weights !== undefined) return;
  const body: Body = { env, signature, lets: new Map(declaration.body.statements.flatMap((statement) => (statement.kind === 'Let' ? [[statement.name.text, statement.value] as const] : []))) };
  if (signature.keeps.has('space')) reportMoved(declaration, { ...body, ...vectors });
  const colour = colourOf(signature, env);
  if (colour !== undefined) reportMoved(declaration, { ...body, ...colour });
  if (signature.keeps.has('tokenizer')) reportCounted(declaration, body);
}

// ---------------------------------------------------------------- space

/** Features of vectors lie along the last axis. */
const vectors: Places = {
  kept: 'space', features: 'features', vectors: 'vectors', isAlong: isLast, others: [turned, mixed, shifted],
  note: keptPlacesNote,
};

function reportMoved(declaration: PartDecl, body: Body & Places): void {
  const { env, kept, note } = body;
  const moved = movedIn(declaration.body!.result, body);
  if (moved === undefined) return;
  env.report(jointCodes.report('features-moved', { part: declaration.name.text, kept, how: moved.how }, at(env.scope.module, moved.span), promisedPlace(declaration, kept, note, env.scope.module)));
}

/** The first place in what a result is made of where features change theirs. */
function movedIn(result: Expr, body: Body & Places): Moved | undefined {
  const cut = cutOf(result, body);
  if (cut !== undefined && cut.start !== '0') return { span: resolved(result, body).span, how: `gives the ${body.features} from ${cut.start} on as the first ones` };
  const picked = operationOf(resolved(result, body));
  const list = picked?.name === 'Gather' && body.isAlong(picked.named('axis'), body) ? (picked.named('indices') ?? picked.operands[1]) : undefined;
  if (list?.kind === 'ListExpr' && list.items.some((item, i) => numberIn(item) !== i)) return { span: picked!.span, how: `gives ${body.features} that are no beginning, or not in their order` };
  let found = body.kept === 'space' ? sorted(result, body) : undefined;
  const seen = new Set<Expr>();
  const follow = (expr: Expr): void =>
    visit(expr, {
      enter: (node) => {
        if (found !== undefined) return;
        if (node.kind === 'CallExpr' || node.kind === 'PipeExpr') found = [joinedOtherwise, ...body.others].map((moves) => moves(node, body)).find((moved) => moved !== undefined);
        const named = node.kind === 'NameExpr' ? resolved(node, body) : undefined;
        if (named === undefined || named === node || seen.has(named)) return;
        seen.add(named);
        follow(named);
      },
    });
  follow(result);
  return found;
}

/** Cuts of the axis that are joined, and do not follow one another from the first feature on. */
function joinedOtherwise(expr: Expr, body: Body & Places): Moved | undefined {
  const operation = operationOf(expr);
  if (operation?.name !== 'Concat' || !body.isAlong(operation.named('axis'), body)) return undefined;
  const cuts = operation.operands.map((operand) => cutOf(operand, body));
  if (cuts.length < 2 || cuts.some((cut) => cut === undefined)) return undefined;
  const follows = cuts.every((cut, i) => cut!.start === (i === 0 ? '0' : cuts[i - 1]!.end));
  return follows ? undefined : { span: operation.span, how: `joins cuts of the ${body.vectors} in another order` };
}

// ---------------------------------------------------------------- colours

/** Operators behind which an axis may stand at another place. */
const relaying: ReadonlySet<string> = new Set(['Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** Where the order of the colours of `std/vision` is kept: along their axis, in a body that leaves the axes where they are. */
function colourOf({ symbol, tensors }: Signature, { scope: { module } }: Env): Places | undefined {
  const { body } = symbol.declaration as PartDecl;
  const kept = keptColour(symbol.declaration as PartDecl, module);
  const shape = tensors.flatMap(({ type }) => tensorsOf(type))[0]?.shape;
  const axis = shape && colourAxis(shape);
  if (kept === undefined || axis === undefined || shape?.rest !== undefined) return undefined;
  let isRelaid = false;
  visit(body!, { enter: (node) => void (isRelaid ||= (node.kind === 'CallExpr' || node.kind === 'PipeExpr') && relaying.has(operationOf(node)?.name ?? '')) });
  const isAlong = (written: Expr | undefined): boolean => [axis, axis + shape!.axes.length].includes(numberIn(written) ?? NaN);
  return isRelaid ? undefined : { kept: kept.text, features: 'channels', vectors: 'channels', isAlong, others: [], note: keptColoursNote };
}
