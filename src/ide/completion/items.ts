/** Proposals, before anybody knows where they go. */
import type { Symbol } from '../../names/modules.ts';
import type { Declaration } from '../../syntax/ast.ts';
import { dtypeFamilies, dtypes } from '../../types/dtype.ts';
import type { CompletionKind } from '../answers.ts';
import { declarationHead, memberHead } from '../hover/heads.ts';
import { operatorHead, operatorText } from '../hover/operators.ts';
import { fence, paragraphs } from '../hover/types.ts';
import { factWords, familyWords, kindWords } from '../hover/words.ts';
import { operators } from '../../ops/table.ts';
import type { Fields } from '../scope.ts';
import type { Member } from '../targets.ts';

export interface Proposal {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
  readonly markdown?: string;
  /** What is written where that is more than the label. */
  readonly text?: string;
  /** A declaration of another module that has to be imported first. */
  readonly from?: Symbol;
}

const symbolKinds: Readonly<Record<Declaration['kind'], CompletionKind>> = {
  SpaceDecl: 'constant', TokenizerDecl: 'constant', LabelsDecl: 'enum', ContractDecl: 'interface', BackboneDecl: 'class',
  PartDecl: 'function', ModelDecl: 'module', AttributeDecl: 'enum', FitDecl: 'module', VerifyDecl: 'module', RolloutDecl: 'module',
  ProbeDecl: 'module', GoldenDecl: 'module',
};

export function symbolProposal(name: string, { declaration, module }: Symbol): Proposal {
  const head = declarationHead(declaration, module.source);
  return {
    label: name,
    kind: symbolKinds[declaration.kind],
    detail: head.split('\n', 1)[0]!,
    markdown: paragraphs(fence(head), declaration.doc),
  };
}

export function memberProposal({ node, owner }: Member, kind: CompletionKind): Proposal {
  const head = memberHead(node, owner.module.source);
  return { label: node.name.text, kind, detail: head, markdown: paragraphs(fence(head), 'doc' in node ? node.doc : undefined) };
}

export const memberProposals = (fields: Fields, kind: CompletionKind): Proposal[] => [...fields.values()].map((field) => memberProposal(field, kind));

/** `out: `, ready for its value. */
export const argumentProposals = (parameters: Fields): Proposal[] =>
  memberProposals(parameters, 'variable').map((proposal) => ({ ...proposal, label: `${proposal.label}:`, text: `${proposal.label}: ` }));

export const wordProposals = (words: readonly string[]): Proposal[] => words.map((label) => ({ label, kind: 'keyword' }));

const explained = (table: Readonly<Record<string, string>>, kind: CompletionKind): Proposal[] =>
  Object.entries(table).map(([label, markdown]) => ({ label, kind, markdown }));

/** What is most often written of each fact. */
const factTexts: Readonly<Record<string, string>> = { range: 'range [0, 1]', norm: 'norm(-1) == 1 +- 1e-3', sum: 'sum(-1) == 1', mean: 'mean(-1) == 0', std: 'std(-1) == 1' };

export const factProposals = (): Proposal[] =>
  explained(factWords, 'keyword').map((p) => (factTexts[p.label] === undefined ? p : { ...p, text: factTexts[p.label]!, detail: factTexts[p.label]! }));

export const kindProposals = (): Proposal[] => explained(kindWords, 'type');

export const dtypeProposals = (): Proposal[] => [
  ...Object.entries(dtypes).map(([label, { onnxName, bits }]): Proposal => ({ label, kind: 'type', detail: `${onnxName}${bits > 0 ? `, ${bits} bits` : ''}` })),
  ...Object.keys(dtypeFamilies).map((label): Proposal => ({ label, kind: 'type', markdown: familyWords[label] ?? '' })),
];

export const operatorProposals = (): Proposal[] =>
  [...operators.values()].map((operator) => ({ label: operator.name, kind: 'operator', detail: operatorHead(operator), markdown: operatorText(operator) }));
