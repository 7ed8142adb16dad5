/** What may stand where, by the rules of the grammar: for the words of an error, and for guesses at what was meant. */
import { declarationWords } from './tokens.ts';

/** What a rule is for, where "a name, a number, a string or `[`" would say less. */
export const phrases: Readonly<Record<string, string>> = {
  module: 'a declaration',
  declaration: 'a declaration',
  atom: 'a value',
  fact: 'a fact, such as `range [0, 1]` or `space minilm@^2`',
  bound: 'a number, `inf` or a parameter',
  dim: 'a dim: a name, a number or `...`',
  sizeAtom: 'a dim: a name or a number',
  param: 'a type',
  baseType: 'a type',
  contract: '`=` and a type, or `{` and fields',
  part: 'a body: `{` and a value, or `source` and a file',
  fileNames: 'a string, or `{` and names',
  nominalFact: 'a name',
  violation: '`violation` and `reject`, `clamp`, `replace(VALUE)` or `report`',
  compared: 'a name or a number',
  rangeFact: '`[` and two numbers',
  postfix: 'a field or arguments',
  toolMember: 'a member',
  slotMember: '`arm`, `shadow`, `sticky`, `flag` or `rollback`',
};

/** The words that begin the members of a rule: one of them may have been meant. */
export const memberWords: Readonly<Record<string, readonly string[]>> = {
  module: [...declarationWords.keys(), 'import', 'where', 'from'],
  model: ['input', 'state', 'let', 'output', 'next', 'budget', 'where'],
  backbone: ['source', 'input', 'output', 'tap', 'replace', 'card', 'where', 'from'],
  block: ['let', 'param', 'where', 'keeps', 'weights', 'from'],
  part: ['where', 'keeps', 'weights', 'source', 'from', 'to', 'learned'],
  importClause: ['from'],
  tool: ['data', 'let', 'loss', 'method', 'freeze', 'until', 'seed', 'swap', 'require', 'through', 'taps', 'tolerance', 'with', 'in'],
  toolMember: ['until', 'with', 'in'],
  rollout: ['of', 'slot'],
  slot: ['arm', 'shadow', 'sticky', 'flag', 'rollback', 'over'],
  slotMember: ['by', 'to', 'when'],
};

/** Rules whose items have commas between them. */
export const lists: ReadonlySet<string> = new Set([
  'list', 'recordValue', 'args', 'dims', 'params', 'nameMap', 'importClause', 'labels', 'attribute', 'rangeFact',
]);
/** Rules whose members have nothing between them. */
export const bodies: ReadonlySet<string> = new Set(['model', 'backbone', 'block', 'record', 'card', 'budget', 'tool', 'rollout', 'slot']);
