import { defineCodes } from '../define.ts';

interface Sides {
  /** The part that takes the value, and its port: `Encode.tokens`; or the part that promises it: `Encode`. */
  readonly to: string;
  readonly from: string;
  /** Whether this is a body against its own signature. */
  readonly promised: boolean;
}

/** A body gives what it promised or something else; an argument is or has it. */
const given = ({ promised }: Sides, otherwise: 'is' | 'has'): string => (promised ? 'gives' : otherwise);

const takes = ({ to, promised }: Sides): string => `\`${to}\` ${promised ? 'promises' : 'takes'}`;

interface Reshaped {
  readonly axes: readonly string[];
  readonly found: string;
  readonly shape: string;
}

const reshaped = ({ axes, found, shape }: Reshaped): string =>
  `\`onnx.Reshape\` keeps the elements in their order, and ${shape} takes ${axes.length === 1 ? '' : `${axes.slice(0, -1).join(', ')} and `}${axes.at(-1)} of ${found} for other axes`;

/** What can be wrong where one value becomes another part's input, or a body's value its declared result. */
export const jointCodes = defineCodes({
  'dtype-mismatch': {
    severity: 'error',
    title: 'Element types that differ',
    message: (a: Sides & { expected: string; found: string }) =>
      `${takes(a)} ${a.expected}, but ${a.from} ${given(a, 'is')} ${a.found}`,
  },
  'rank-mismatch': {
    severity: 'error',
    title: 'Shapes with different numbers of axes',
    message: (a: Sides & { expected: string; found: string }) =>
      `${takes(a)} ${a.expected}, but ${a.from} ${given(a, 'is')} ${a.found}`,
  },
  'shape-mismatch': {
    severity: 'error',
    title: 'Sizes that differ',
    message: (a: Sides & { expected: string; found: string; ordinal: string }) =>
      `${takes(a)} ${a.expected} on its ${a.ordinal} axis, but ${a.from} ${given(a, 'has')} ${a.found}`,
  },
  'label-mismatch': {
    severity: 'error',
    title: 'Axes in another order',
    message: (a: Sides & { expected: string; found: string; ordinal: string }) =>
      `the ${a.ordinal} axis of \`${a.to}\` is ${a.expected}, but that of ${a.from} is ${a.found}`,
  },
  'classes-mismatch': {
    severity: 'error',
    title: 'Classes of another list',
    message: (a: Sides & { expected: string; found: string }) =>
      `${takes(a)} the classes of \`${a.expected}\`, but ${a.from} ${given(a, 'has')} those of ${a.found === a.expected ? 'another ' : ''}\`${a.found}\``,
  },
  'classes-moved': {
    severity: 'error',
    title: 'Classes that stand at other places',
    message: (a: Sides & { expected: string; now: string }) => `${takes(a)} the classes of \`${a.expected}\` in their order, but in ${a.from} ${a.now}`,
  },
  'space-mismatch': {
    severity: 'error',
    title: 'Vectors of another representation space',
    message: (a: { to: string; from: string; expected: string; found: string | undefined }) =>
      `\`${a.to}\` reads vectors of the space ${a.expected}, but ${a.from} ${a.found ? `lies in ${a.found}` : 'belongs to no declared space'}`,
  },
  'space-laundered': {
    severity: 'error',
    title: 'A space claimed without a reason',
    message: (a: { part: string; claimed: string; found: string | undefined; by?: string; isPart?: boolean }) =>
      `\`${a.part}\` says that its result lies in the space ${a.claimed}, but ${a.isPart ? 'it is a `part`, and none carries vectors into a space' : `${a.by ?? 'its body'} gives ${a.found ? `vectors of ${a.found}` : 'vectors of no declared space'}`}`,
  },
  'space-not-kept': {
    severity: 'error',
    title: 'A space that the body does not keep',
    message: (a: { part: string; why: string }) => `\`${a.part}\` says that it keeps the space of its inputs, but ${a.why}`,
  },
  'features-moved': {
    severity: 'warning',
    title: 'Features that change places in a space that is kept',
    message: (a: { part: string; kept: string; how: string }) => `\`${a.part}\` says that it keeps the ${a.kept} of its inputs, but it ${a.how}`,
  },
  'ids-counted': {
    severity: 'error',
    title: 'Arithmetic on ids whose tokenizer is kept',
    message: (a: { part: string; value: string }) => `\`${a.part}\` says that it keeps the tokenizer of its inputs, but \`${a.value}\` makes other ids of them`,
  },
  'spaces-mixed': {
    severity: 'error',
    title: 'Vectors of two spaces under one operator',
    message: (a: { first: string; second: string; done: string; within: string | undefined }) =>
      `${a.within === undefined ? '' : `in \`${a.within}\` `}vectors of ${a.first} and vectors of ${a.second} are ${a.done}`,
  },
  'rows-mixed': {
    severity: 'warning',
    title: 'Rows of two spaces in one output',
    message: (a: { output: string; first: string; second: string }) => `the output \`${a.output}\` has rows of ${a.first} and rows of ${a.second}, and says nothing of it`,
  },
  'attributes-mixed': {
    severity: 'warning',
    title: 'Two values of one attribute under one operator',
    message: (a: { attribute: string; first: string; second: string; done: string; within: string | undefined }) =>
      `${a.within === undefined ? '' : `in \`${a.within}\` `}a value with ${a.attribute} ${a.first} and one with ${a.attribute} ${a.second} are ${a.done}`,
  },
  'tokenizer-mismatch': {
    severity: 'error',
    title: 'Tokens of another tokenizer',
    message: (a: Sides & { expected: string; found: string | undefined }) =>
      `\`${a.to}\` ${a.promised ? 'promises' : 'reads'} tokens of ${a.expected}, but ${a.from} ${a.promised ? `gives tokens of ${a.found ?? 'no declared tokenizer'}` : a.found ? `is made by ${a.found}` : 'comes from no declared tokenizer'}`,
  },
  'padding-side': {
    severity: 'error',
    title: 'Padding in front of tokens that are to stand first',
    message: (a: { mask: string; tokenizer: string }) =>
      `\`${a.mask}\` is to be ones and then zeros, but \`${a.tokenizer}\` pads texts on the left`,
  },
  'vocabulary-too-large': {
    severity: 'error',
    title: 'Ids of a vocabulary that a table has no rows for',
    message: (a: { ids: string; tokenizer: string; vocabulary: number; further: number; table: string; rows: number }) =>
      `${a.ids} are ids of \`${a.tokenizer}\`, from 0 to ${a.vocabulary - 1}, but ${a.table}, in which they are looked up${a.further === 0 ? '' : ` ${Math.abs(a.further)} ${a.further > 0 ? 'further on' : 'before'}`}, has ${a.rows} row${a.rows === 1 ? '' : 's'}`,
  },
  'too-few-positions': {
    severity: 'warning',
    title: 'Texts longer than a network has positions for',
    message: (a: { tokenizer: string; length: number; ids: string; most: number; file: string }) =>
      `texts of \`${a.tokenizer}\` come to ${a.length} tokens, but ${a.file} has positions for ${a.most} of \`${a.ids}\``,
  },
  'padding-taken': {
    severity: 'warning',
    title: 'A place where padding stands',
    message: (a: { what: string; place: 'first' | 'last'; tokenizer: string }) => `\`${a.what}\` takes the ${a.place} place of each text, which \`${a.tokenizer}\` fills with padding`,
  },
  'attribute-mismatch': {
    severity: 'error',
    title: 'An attribute with another value',
    message: (a: Sides & { attribute: string; expected: string; found: string | undefined }) =>
      `\`${a.to}\` ${a.promised ? 'promises' : 'takes'} ${a.attribute} ${a.expected}, but ${a.found ? `${a.from} ${given(a, 'has')} ${a.attribute} ${a.found}` : `no ${a.attribute} is known of ${a.from}`}`,
  },
  'unmet-fact': {
    severity: 'error',
    title: 'A demand that is not known to hold',
    message: (a: { to: string; from: string; fact: string }) => `\`${a.to}\` demands ${a.fact}, which is not known of ${a.from}`,
  },
  'rejects-all': {
    severity: 'error',
    title: 'A guard that rejects every value',
    message: (a: { to: string; from: string; fact: string; known: string }) => `\`${a.to}\` rejects every value: it demands ${a.fact}, and ${a.from} has ${a.known}`,
  },
  'unmet-size': {
    severity: 'error',
    title: 'A size that a part does not take',
    message: (a: { to: string; from: string; fact: string; here: string | undefined; verdict: 'refuted' | 'unknown' }) =>
      a.verdict === 'refuted'
        ? `\`${a.to}\` demands ${a.fact}, ${a.here ? `but with ${a.from} that is ${a.here}` : `which ${a.from} contradicts`}`
        : `\`${a.to}\` demands ${a.fact}, ${a.here ? `which is ${a.here} here and ` : 'which is '}not known of ${a.from}`,
  },
  'unproved-claim': {
    severity: 'error',
    title: 'A claim that does not follow from the body',
    message: (a: { part: string; fact: string; by: string }) => `\`${a.part}\` promises ${a.fact}, but ${a.by} does not prove it`,
  },
  'missing-field': {
    severity: 'error',
    title: 'A record that lacks a field',
    message: (a: Sides & { field: string }) => `\`${a.to}\` ${a.promised ? 'promises' : 'needs'} the field \`${a.field}\`, which ${a.from} does not ${a.promised ? 'give' : 'have'}`,
  },
  'record-expected': {
    severity: 'error',
    title: 'A tensor where a record is needed',
    message: (a: Sides & { expected: string; found: string }) =>
      `${takes(a)} a record ${a.expected}, but ${a.from} ${given(a, 'is')} the tensor ${a.found}`,
  },
  'tensor-expected': {
    severity: 'error',
    title: 'A record where a tensor is needed',
    message: (a: Sides & { expected: string; found: string }) =>
      `${takes(a)} the tensor ${a.expected}, but ${a.from} ${given(a, 'is')} a record ${a.found}`,
  },
  'normalised-twice': {
    severity: 'warning',
    title: 'Probabilities made into probabilities',
    message: (a: { operator: string; of: string }) => `${a.operator} of ${a.of}`,
  },
  'equal-by-rounding': {
    severity: 'warning',
    title: 'Probabilities compared for equality',
    message: (a: { number: number; of: string }) => `\`onnx.Equal\` compares ${a.of} with ${a.number}`,
  },
  'settled-result': {
    severity: 'warning',
    title: 'A result that no value changes',
    message: (a: { operator: string; result: string; known: string }) => `\`onnx.${a.operator}\` gives ${a.result} for all that lies in ${a.known}`,
  },
  'ids-as-amounts': {
    severity: 'warning',
    title: 'Ids of tokens taken for amounts',
    message: (a: { operator: string; tokenizer: string }) => `\`onnx.${a.operator}\` computes with ids of \`${a.tokenizer}\` as if they were amounts`,
  },
  'places-compared': {
    severity: 'warning',
    title: 'Places compared as if they were the numbers there',
    message: (a: { operator: string; inner: string }) => `\`onnx.${a.operator}\` compares the places that \`onnx.${a.inner}\` found, not what stands there`,
  },
  'fraction-lost': {
    severity: 'warning',
    title: 'Fractions that are cut off',
    message: (a: { what: string; leaves: string }) => `${a.what} leaves ${a.leaves}`,
  },
  'scaled-twice': {
    severity: 'warning',
    title: 'Pixels divided by 255 once too often',
    message: (a: { from: string; to: string; does: string }) => `${a.from} fills a 255th of the range that \`${a.to}\` ${a.does}, as what was divided by 255 twice does`,
  },
  'over-batch': {
    severity: 'warning',
    title: 'Rows of a batch compared with one another',
    message: (a: { operator: string }) => `\`onnx.${a.operator}\` compares the rows of the batch with one another, not the numbers of each row`,
  },
  'scores-mixed': {
    severity: 'warning',
    title: 'Probabilities and scores of the same classes',
    message: (a: { done: string; classes: string; these: 'scores' | 'logs'; beside: 'shares' | 'logs' }) =>
      `${a.beside === 'logs' ? 'logarithms of probabilities' : 'probabilities'} of \`${a.classes}\` and ${a.these === 'logs' ? 'logarithms of such' : 'scores of them that are no probabilities'} are ${a.done}`,
  },
  'classes-as-amounts': {
    severity: 'warning',
    title: 'Numbers of classes taken for amounts',
    message: (a: { classes: string; done: string }) => `the numbers of classes of \`${a.classes}\` are ${a.done} as if they were amounts`,
  },
  'class-numbers-compared': {
    severity: 'warning',
    title: 'Class numbers of two lists compared',
    message: (a: { first: string; second: string }) => `the numbers of classes of \`${a.first}\` are compared with those of \`${a.second}\``,
  },
  'one-class': {
    severity: 'warning',
    title: 'A softmax of one class',
    message: (a: { operator: string; always: number }) => `the ${a.operator} of one class is always ${a.always}`,
  },
  'mask-turned': {
    severity: 'warning',
    title: 'A mask turned round',
    message: (a: { mask: string; to: string } | { mask: string; more: number }) =>
      'to' in a ? `\`${a.to}\` is to be 1 where a token is, and this is 1 where \`${a.mask}\` is 0` : `padding is to get less than tokens here, and where \`${a.mask}\` is 0 it gets ${a.more} more`,
  },
  'mask-left-out': {
    severity: 'warning',
    title: 'Padding that counts',
    message: (a: { what: string; mask: string }) => `${a.what}, although \`${a.mask}\` says which tokens are padding`,
  },
  'masks-mixed': {
    severity: 'warning',
    title: 'Masks of two texts, place by place',
    message: (a: { one: string; other: string }) => `\`${a.one}\` and \`${a.other}\` are the masks of two texts, and are taken place by place here`,
  },
  'tokens-mixed': {
    severity: 'warning',
    title: 'Tokens of two tokenizers, place by place',
    message: (a: { one: string; other: string; done: string }) => `tokens of \`${a.one}\` and of \`${a.other}\` are ${a.done} place by place`,
  },
  'reshaped-labels': {
    severity: 'error',
    title: 'Named axes taken for others by a reshape',
    message: (a: Reshaped) => reshaped(a),
  },
  'reshaped-order': {
    severity: 'warning',
    title: 'Axes taken for others by a reshape',
    message: (a: Reshaped) => reshaped(a),
  },
  'mask-of-another': {
    severity: 'warning',
    title: 'The mask of another text',
    message: (a: { mask: string; of: string; over: string }) => `\`${a.mask}\` is the mask of \`${a.of}\`, and what it is put over was made of \`${a.over}\``,
  },
});
