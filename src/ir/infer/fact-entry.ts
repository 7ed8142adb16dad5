/** What is found of one tensor's values, and of the tensors of one graph. */
import type { ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
import type { Known } from '../../ops/foreign/known.ts';
import type { Graph, Node } from '../graph.ts';
import type { NumbersOf } from './constants.ts';

/** What is known of a tensor's values, and how. */
export interface FoundFacts {
  readonly facts: ValueFacts;
  /** Why, for people: `divided by its own length`. */
  readonly rule: string;
  /** What makes it; undefined for inputs and constants. */
  readonly node?: Node;
  /** The tensors whose facts these rest on; none where they hold whatever comes in. */
  readonly uses: readonly string[];
  /** Whether they rest on what was said of an input. */
  readonly isGiven: boolean;
}

export interface FactEntry extends FoundFacts {
  /** Linear maps since the last operator that bounds its result whatever comes in. */
  readonly layers: number;
}

export interface FactFrame {
  readonly graph: Graph;
  readonly ask: (tensor: string) => FactEntry;
  /** Its dtype and shape. */
  readonly known: (tensor: string) => Known | undefined;
  readonly maker: (tensor: string) => Node | undefined;
  readonly numbers: NumbersOf;
  readonly isConstant: (tensor: string) => boolean;
  /** Of a branch, a loop's body or a function's body at this node's call; undefined where there was no time for it. */
  readonly insideOf: (node: Node, body: Graph) => FactFrame | undefined;
  /** The tensors around it that were asked about so far, by their names there. */
  readonly reached: ReadonlySet<string>;
}

/** What a graph is given: by the graph around it, which a subgraph sees and a function does not, or as its inputs. */
export interface FactFrameInputs {
  readonly around?: FactFrame;
  /** An input is a tensor of another graph, or what is known of it. */
  readonly bound: ReadonlyMap<string, FactEntry | { readonly frame: FactFrame; readonly name: string }>;
}
