/**
 * What a part that is an ONNX file says of spaces, tokenizers and attributes, against what the file does to its inputs. Nobody can see
 * whether weights carry vectors where they are said to; without any on the way, what comes out is of what goes in.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { ForeignModel, Graph, Node, Tensor } from '../../ir/graph.ts';
import { startReading, type ReadTensor } from '../../ir/infer/constants.ts';
import { inferredModel } from '../../ir/infer/index.ts';
import { madeOf, type MadeOf } from '../../ir/made-of.ts';
import type { Symbol } from '../../names/modules.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import type { Fact, NominalStatement } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import type { TensorType } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import { foundAttribute, reportAttribute } from '../expressions/attribute.ts';
import type { AttributeFact } from '../joints/mixtures.ts';
import { reportCarryingPart } from '../joints/laundered.ts';
import { foundNominal, showDemand, showFound } from '../joints/nominal.ts';
import { colourIdentity } from '../joints/readings.ts';
import { promisedPlace } from '../parts/kept-space.ts';
import type { DeclaredPort } from './file-ports.ts';
import { checkKeptColours, checkKeptFeatures } from './file-places.ts';

/** A part that is a file, with what is declared of it. */
export interface FilePart {
  readonly symbol: Symbol<PartDecl>;
  readonly model: ForeignModel;
  /** As messages call it. */
  readonly file: string;
  /** Where the file is named. */
  readonly source: Location;
  /** What is declared of the file's inputs, by their names in it. */
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly checker: Checker;
}

/** A tensor that the part gives. */
export interface Given {
  /** `Encode`, or `Encode.tokens` of a record. */
  readonly name: string;
  readonly onnx: string;
  readonly type: TensorType;
}

/** Reports claims that the file cannot bear out. */
export function checkFileClaims(inputs: readonly DeclaredPort[], output: DeclaredPort, model: ForeignModel, symbol: Symbol<PartDecl>, checker: Checker): void {
  const source = at(symbol.module, symbol.declaration.source!.path.span);
  const part: FilePart = { symbol, model, file: checker.host.display(model.uri), source, inputs: new Map(inputs.flatMap(tensorsIn).map(({ onnx, type }) => [onnx, type])), checker };
  checker.files.withConstants((read) => {
    for (const given of tensorsIn(output)) checkGiven(given, part, read);
  });
}

function tensorsIn({ name, type, tensors = [] }: DeclaredPort): readonly Given[] {
  return tensors.flatMap(({ field, onnx }) => {
    const tensor = type.kind === 'record' ? type.fields.get(field ?? '') : type;
    return tensor?.kind === 'tensor' ? [{ name: field === undefined ? name : `${name}.${field}`, onnx, type: tensor }] : [];
  });
}

function checkGiven(given: Given, part: FilePart, read: ReadTensor): void {
  const claims = given.type.facts;
  for (const claim of claims) if (claim.kind === 'attribute') checkAttribute(claim, given, part);
  const keeps = (kept: string): boolean => part.symbol.declaration.keeps.some(({ text }) => text === kept);
  if (keeps('tokenizer')) checkKeptIds(given, part, read);
  checkKeptColours(given, part, read);
  const nominal = claims.filter((claim): claim is Nominal => claim.kind === 'space' || claim.kind === 'tokenizer');
  if (nominal.length === 0 && !keeps('space')) return;
  const made = madeOf(part.model, given.onnx, read);
  if (keeps('space') && checkKeptSpace(given, made, part)) checkKeptFeatures(given, part, read);
  for (const claim of nominal) {
    if (claim.kind === 'space') checkSpace(claim, given, made, part);
    else checkTokenizer(claim, given, made, part);
  }
}

// ---------------------------------------------------------------- spaces and tokenizers

type Nominal = Fact & NominalStatement;

/** What is said of the inputs that an output is made of. */
const saidOf = (kind: Nominal['kind'], made: MadeOf, { inputs }: FilePart): readonly Fact[] =>
  [...made.inputs].flatMap((name) => inputs.get(name)?.facts.filter((fact) => fact.kind === kind) ?? []);

/** Whether all of them mean what is claimed. */
const isOf = (claim: Nominal, said: readonly Fact[], { type }: Given): boolean => said.length > 0 && said.every((fact) => implying({ ...type, facts: [fact] }, claim) !== undefined);

function checkSpace(claim: Nominal, given: Given, made: MadeOf, part: FilePart): void {
  const said = saidOf('space', made, part);
  const { declaration } = part.symbol;
  const isLearned = made.weights.length > 0;
  if (isLearned || made.isOpen ? declaration.role !== 'part' || (!isLearned && isOf(claim, said, given)) : isOf(claim, said, given)) return;
  const other = otherOf(claim, said, given);
  const known = foundNominal(other, 'space');
  const args = { part: given.name, claimed: showDemand(claim, known), found: showFound(claim, known), by: part.file };
  part.checker.diagnostics.push(
    isLearned || made.isOpen
      ? reportCarryingPart(part.symbol, args, `what ${part.file} holds`, [claimedAt(claim, part)])
      : jointCodes.report('space-laundered', args, part.source, {
          label: `no weights on the way to "${given.onnx}"`,
          related: [claimedAt(claim, part), ...foundAt(known)],
          notes: [
            'A space changes only through a backbone, or through an adapter with weights that were fitted for it. Single numbers, and what says sizes and places, are no weights.',
            `What is made of its inputs alone lies in ${known === undefined ? 'their space' : `\`${known.nominal.name}\``} still, where it lies in any: say that of the result, or \`keeps space\`.`,
          ],
        }),
  );
}

/** Ids may come out of weights, out of a table, or out of texts; what is made of other ids by less is still of their vocabulary. */
function checkTokenizer(claim: Nominal, given: Given, made: MadeOf, part: FilePart): void {
  const said = saidOf('tokenizer', made, part);
  const readsTexts = [...made.inputs].some((name) => part.inputs.get(name)?.dtype === 'string');
  if (made.weights.length > 0 || made.looksUp || made.isOpen || readsTexts || isOf(claim, said, given)) return;
  const known = foundNominal(otherOf(claim, said, given), 'tokenizer');
  part.checker.diagnostics.push(
    jointCodes.report('tokenizer-mismatch', { to: given.name, from: part.file, promised: true, expected: showDemand(claim, known), found: showFound(claim, known) }, part.source, {
      label: `neither weights nor a table on the way to "${given.onnx}"`,
      related: [claimedAt(claim, part), ...foundAt(known)],
      notes: ['An id is an index into one vocabulary. What hands ids on, or picks some of them, makes none of another one.'],
    }),
  );
}

/** The given tensor with what is said of the inputs in the place of a claim: first what is something else. */
const otherOf = (claim: Nominal, said: readonly Fact[], given: Given): TensorType => ({
  ...given.type,
  facts: [...said.filter((fact) => implying({ ...given.type, facts: [fact] }, claim) === undefined), ...said],
});

const claimedAt = ({ location }: Nominal, { symbol: { declaration, module } }: FilePart) => ({ location: location ?? at(module, declaration.result.span), text: 'claimed here' });

const foundAt = (known: NominalStatement | undefined) => (known === undefined ? [] : [{ location: known.nominal.location, text: 'found: this one' }]);

/** As of a body: no weights on the way. With some, an adapter says itself in which space its result lies. Answers with whether nothing was found. */
function checkKeptSpace(given: Given, made: MadeOf, part: FilePart): boolean {
  const { symbol: { name, declaration, module }, checker, file, source } = part;
  const weight = made.weights.find(({ isOfRows }) => !isOfRows);
  if (weight === undefined && (made.inputs.size > 0 || made.isOpen)) return true;
  const why = weight === undefined ? `"${given.onnx}" of ${file} is made of no input` : `"${given.onnx}" of ${file} depends on the weights "${weight.name}"`;
  const note = `A part keeps a space that computes with its inputs alone. Drop \`keeps space\`; an adapter whose file holds weights says in which space its result lies: \`where space …\`.`;
  const label = weight === undefined ? '' : `${weight.node.op}${weight.node.name === '' ? '' : ` "${weight.node.name}"`} takes them`;
  checker.diagnostics.push(jointCodes.report('space-not-kept', { part: name, why }, source, { label, ...promisedPlace(declaration, 'space', note, module) }));
  return false;
}

/** Operators that hand ids on, or some of them. */
const picksOf: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Slice', 'Expand', 'Tile', 'Pad', 'GatherND', 'GatherElements']);
/** Which number changes nothing, by the operator. */
const neutral: ReadonlyMap<string, number> = new Map([['Add', 0], ['Sub', 0], ['Mul', 1], ['Div', 1]]);

/** As of a body: no number of the file is added to ids on their way through it, nor multiplied, and no table is asked. */
function checkKeptIds(given: Given, part: FilePart, read: ReadTensor): void {
  const { symbol: { name, declaration, module }, checker, file, model, source } = part;
  const [node, input] = countedAt(given.onnx, model, startReading(read)) ?? [];
  if (node === undefined || !areIds(part.inputs.get(input!), part)) return;
  const note = 'An id is an index into the vocabulary: the next number is another word. Where a file counts its vocabulary otherwise, its ids are those of another `tokenizer`.';
  checker.diagnostics.push(jointCodes.report('ids-counted', { part: name, value: `${node.op}${node.name === '' ? '' : ` "${node.name}"`} of ${file}` }, source, promisedPlace(declaration, 'tokenizer', note, module)));
}

/** What says a tokenizer; where no input does, any that is no mask. */
function areIds(type: TensorType | undefined, { inputs }: FilePart): boolean {
  const says = ({ facts }: TensorType): boolean => facts.some(({ kind }) => kind === 'tokenizer');
  return type !== undefined && !type.facts.some(({ kind }) => kind === 'mask' || kind === 'prefix_mask') && (says(type) || ![...inputs.values()].some(says));
}

/** On the one line of operators from an input to an output, the last node that makes other numbers, and the input; undefined where none does, or where several values meet. */
function countedAt(output: string, { graph }: ForeignModel, stored: ReturnType<typeof startReading>): readonly [Node, string] | undefined {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const constant = (name: string): Tensor | undefined => {
    const value = makers.get(name)?.op === 'Constant' ? makers.get(name)!.attributes.get('value') : undefined;
    return graph.initializers.get(name) ?? (value?.type === 'tensor' ? value.value : undefined);
  };
  const seen = new Set<Node>();
  let counted: Node | undefined;
  let name: string | undefined = output;
  while (name !== undefined && !isInput(name, graph)) {
    const node: Node | undefined = makers.get(name);
    if (node === undefined || node.domain !== '' || seen.has(node)) return undefined;
    seen.add(node);
    const { op, inputs } = node;
    const number = neutral.get(op);
    const [tensors, others] = [inputs.flatMap((each) => constant(each) ?? []), inputs.filter((each) => constant(each) === undefined)];
    const isTable = op === 'Gather' && constant(inputs[0]!) !== undefined;
    if (isTable || op === 'CumSum' || op === 'Neg') counted = node;
    else if (number !== undefined && tensors.length === 1 && others.length === 1) {
      if (stored(tensors[0]!)?.data.some((value) => value !== number) ?? false) counted = node;
    } else if (op !== 'Gather' && !picksOf.has(op)) return undefined;
    name = number === undefined ? inputs[isTable ? 1 : 0] : others[0];
  }
  return name === undefined || counted === undefined ? undefined : [counted, name];
}

// ---------------------------------------------------------------- attributes

function checkAttribute(claim: AttributeFact, given: Given, part: FilePart): void {
  const from = part.inputs.get(unchanged(given.onnx, claim, part.model) ?? '');
  const known = from && foundAttribute(from, claim);
  if (known === undefined || known.value === claim.value) return;
  const { source, symbol: { declaration, module } } = part;
  const sides = { to: given.name, from: part.file, promised: true, location: source, related: [{ location: at(module, declaration.result.span), text: 'promised here' }] };
  part.checker.diagnostics.push(reportAttribute(claim, from!, sides, []));
}

const handsOn: ReadonlySet<string> = new Set(['Identity', 'Cast', 'CastLike', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout']);
const aroundColours: ReadonlySet<string> = new Set(['Resize', 'Upsample', 'Pad', 'CenterCropPad', 'Tile', 'Expand']);

/** The input whose numbers an output still is, as far as the attribute tells them apart; undefined where something is computed. */
function unchanged(output: string, { attribute }: AttributeFact, model: ForeignModel): string | undefined {
  const { graph } = model;
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const isColour = attribute.id === colourIdentity;
  const left = (node: Node): boolean => node.domain === '' && (handsOn.has(node.op) || (isColour && (node.op === 'Transpose' || (aroundColours.has(node.op) && hasAllColours(node, model)))));
  const seen = new Set<Node>();
  let name: string | undefined = output;
  while (name !== undefined && !isInput(name, graph)) {
    const node = makers.get(name);
    if (node === undefined || seen.has(node) || !left(node)) return undefined;
    seen.add(node);
    name = node.inputs[0];
  }
  return name;
}

const isInput = (name: string, { inputs }: Graph): boolean => inputs.includes(name);

/** Whether the only axis of three elements is as large as before. */
function hasAllColours({ inputs, outputs }: Node, model: ForeignModel): boolean {
  const { tensors } = inferredModel(model);
  return [inputs[0]!, outputs[0]!].every((name) => tensors.get(name)?.dims?.filter((dim) => constantOf(dim) === 3).length === 1);
}
