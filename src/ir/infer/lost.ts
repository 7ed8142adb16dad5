/** Where the answer to a tensor's shape was lost: the first node behind it whose result nobody can tell from its inputs. */
import { ruleOf } from '../../ops/foreign/table.ts';
import { symbolsOf } from '../../types/dim.ts';
import type { ForeignModel, Graph, Node } from '../graph.ts';
import { controlRule } from './control-flow.ts';
import { inferGraph, isUnknown, type InferredTensor } from './index.ts';

export interface LostAnswer {
  /** What the node makes. */
  readonly tensor: string;
  readonly node: string;
  /** `NonZero`, `acme.Own` */
  readonly operator: string;
  readonly why: string;
}

/** Tensors by name to where their shapes were lost, of those where one was. The file's word is left out of account. */
export function lostAnswers(model: ForeignModel, tensors: readonly string[]): ReadonlyMap<string, LostAnswer> {
  const inferred = inferGraph(model, { ignoreDeclared: true });
  if (tensors.every((name) => isWhole(inferred.get(name)))) return new Map();
  const makers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  return new Map(tensors.flatMap((name) => {
    const lost = isWhole(inferred.get(name)) ? undefined : lostAt(name, makers, inferred);
    return lost === undefined ? [] : [[name, { tensor: lost.tensor, node: lost.node.name, operator: lost.node.domain === '' ? lost.node.op : `${lost.node.domain}.${lost.node.op}`, why: whyLost(lost.node, model, inferred) }] as const];
  }));
}

const isWhole = (tensor: InferredTensor | undefined): boolean => tensor?.dims?.every((dim) => !symbolsOf(dim).some(isUnknown)) === true && tensor.dtype !== undefined;

interface LostPlace {
  readonly tensor: string;
  readonly node: Node;
}

/** Backwards along inputs that are not known either, to a node all of whose inputs are. */
function lostAt(name: string, makers: ReadonlyMap<string, Node>, inferred: ReadonlyMap<string, InferredTensor>): LostPlace | undefined {
  const seen = new Set<string>();
  let place: LostPlace | undefined;
  for (let tensor: string | undefined = name; tensor !== undefined && !seen.has(tensor); ) {
    seen.add(tensor);
    const node = makers.get(tensor);
    if (node === undefined) return place;
    place = { tensor, node };
    tensor = node.inputs.find((input) => input !== '' && makers.has(input) && !isWhole(inferred.get(input)));
  }
  return place;
}

/** One sentence. */
function whyLost(node: Node, model: ForeignModel, inferred: ReadonlyMap<string, InferredTensor>): string {
  const { domain, op } = node;
  if (controlRule(domain, op) !== undefined) return op === 'If' ? 'its branches differ, and its condition is not known' : 'it changes from turn to turn';
  if (model.functions.some((f) => f.domain === domain && f.name === op)) return 'it is lost in the body of this function';
  if (ruleOf(node) === undefined) return 'nothing is known of this operator';
  const unfollowed = node.inputs.find((name) => isList(inferred.get(name)) && isOpen(inferred.get(name)));
  if (unfollowed !== undefined) return `it is as large as the values of ${describeTensor(unfollowed, model.graph)} say`;
  return 'it is as large as the values of its operands say';
}

/** Whether it may be a list of sizes. */
const isList = (tensor: InferredTensor | undefined): boolean => (tensor?.dtype === 'i64' || tensor?.dtype === 'i32') && (tensor.dims?.length ?? 2) <= 1;
const isOpen = (tensor: InferredTensor | undefined): boolean => tensor?.values === undefined || tensor.values.some((value) => value === undefined);

const describeTensor = (name: string, { inputs }: Graph): string => (inputs.includes(name) ? `the input \`${name}\`` : `\`${name}\``);
