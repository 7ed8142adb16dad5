/** Of every loss and metric, with every kind of value in it: what the checker lets through, and what it says of the rest. */
import { describe, expect, test } from 'vitest';
import { losses, metrics } from '../../src/check/tools/tables.ts';
import { measuredParts } from './measured-parts.ts';
import { checkText, errorsOf } from './world.ts';

/** Everything that a tool may be given, by what it is called here. */
const source = `${measuredParts}
part Scores(e: f32[batch, 16]) -> f32[batch, 4] { e |> truncate(to: 4) }
part Cube(e: f32[batch, 16]) -> f32[batch, 4, 4] where range [0, 1] { onnx.Sigmoid(onnx.Reshape(e, shape: [batch, 4, 4])) }
part Class(e: f32[batch, 16]) -> i64[batch] { onnx.ArgMax(e |> truncate(to: 4), axis: 1, keepdims: false) }
part Loose(x: float[..., d]) -> float[..., d] { x }
head H(e: f32[batch, 16]) -> f32[batch, Kind] where range [0, 1] weights "./h.safetensors" = learned { e |> linear(out: Kind) |> softmax }
model M { input z: Both  let e = Old(z)  output shares = Shares(e)  output pair = Pair(e)  output vector = e }
model Remember { input z: Both  state seen: f32[16] = 0  output e = Old(z) + seen  next seen = seen }
`;

type Tool = 'fit' | 'verify';

/** The values by name, as each tool writes them. Those of a fit depend on what is learned by another loss. */
const values: Readonly<Record<string, Readonly<Record<Tool, string>>>> = {
  column: { fit: 'd.c', verify: 'd.c' },
  shares: { fit: 'Shares(d.v)', verify: 'y.shares' },
  scores: { fit: 'Scores(d.v)', verify: 'y.pair.scores' },
  one: { fit: 'One(d.v)', verify: 'One(Old(d.z))' },
  cube: { fit: 'Cube(d.v)', verify: 'Cube(Old(d.z))' },
  double: { fit: 'Double(d.v)', verify: 'Double(Old(d.z))' },
  class: { fit: 'Class(d.v)', verify: 'Class(Old(d.z))' },
  record: { fit: 'Pair(d.v)', verify: 'y.pair' },
  model: { fit: 'Pair(d.v)', verify: 'y' },
};

/** Why a value cannot stand in front of a column, by the tool; `probabilities` and `class` for those that ask for them. */
const refusals: Readonly<Record<string, Partial<Readonly<Record<Tool | 'probabilities' | 'classes' | 'vectors', string>>>>> = {
  column: { fit: 'both are columns', verify: 'both are columns' },
  shares: {},
  scores: { probabilities: 'nothing says that this lies in [0, 1]' },
  one: { classes: 'a column for each class is needed', vectors: 'a vector for each example is needed' },
  cube: { fit: 'a vector for each example is needed', verify: 'a vector for each example is needed' },
  double: { fit: 'a step of a fit computes in f32' },
  class: { fit: 'a step of a fit computes in f32', verify: 'it is computed of floating-point numbers' },
  record: { fit: 'this is a record of 2', verify: 'this is a record of 2' },
  model: { fit: 'this is a record of 2', verify: 'this is a record of 4' },
};

function messages(tool: string): readonly string[] {
  return errorsOf(checkText(`${source}${tool}`)).map(({ code, message }) => `${code} ${message}`);
}
const fitOf = (loss: string, method = ''): string => `fit H { data d = "./d.jsonl" loss mse(H(d.v), d.t) + ${loss} ${method} }`;
const verifyOf = (of: string | readonly string[], better: string): string => `verify V { swap Old with New in M  data d = "./d.jsonl"  let y = M(d.z)  ${[of].flat().map((metric) => `require ${metric} ${better === 'higher' ? '>=' : '<='} 0.5`).join('  ')}  require accuracy(y.shares, d.label) >= 50% }`;
/** One message for each value that is refused, in their order. */
const expectedOf = (why: (value: string) => string | undefined): unknown[] => Object.keys(values).flatMap((value) => {
  const reason = why(value);
  return reason === undefined ? [] : [expect.stringMatching(new RegExp(`^measure-inputs .*${reason.replace(/[[\]]/g, '\\$&')}`))];
});

describe('losses', () => {
  const taken = Object.entries(losses).filter(([, { inputs }]) => inputs.length === 2);
  for (const [name, row] of taken)
    test(`${name} of each value and a column`, () => {
      const [first, second] = row.inputs as readonly { readonly takes: string }[];
      const why = (value: string): string | undefined => {
        const refused = refusals[value]!;
        return refused.fit ?? (first!.takes === 'probabilities' ? refused.probabilities : undefined) ?? (second!.takes === 'labels' ? refused.classes : undefined) ?? (name === 'info_nce' || name === 'clusters' ? refused.vectors : undefined);
      };
      expect(messages(fitOf(Object.values(values).map(({ fit }) => `${name}(${fit}, d.target)`).join(' + ')))).toEqual(expectedOf(why));
    });
  test('orthogonality has no inputs, and takes none', () => {
    expect(messages(fitOf('orthogonality()'))).toEqual([]);
  });
  test('what is computed may stand for classes: a share of each, in f32', () => {
    expect(messages(fitOf('cross_entropy(H(d.v), Shares(d.v))'))).toEqual([]);
    expect(messages(fitOf('cross_entropy(H(d.v), Class(d.v))'))).toEqual([expect.stringContaining('a step of a fit computes in f32')]);
    expect(messages(fitOf('cross_entropy(H(d.v), One(d.v))'))).toEqual([expect.stringContaining('one has 2 axes, the other 1')]);
  });
  test('what is held to itself teaches nothing, but to methods that look at no target', () => {
    expect(messages('fit H { data d = "./d.jsonl" let h = H(d.v) loss mse(h, h) }')).toEqual([expect.stringContaining('both sides are the same value')]);
    expect(messages('fit H { data d = "./d.jsonl" loss mse(H(d.v), H(d.v)) method ridge }')).toEqual([expect.stringContaining('both sides are the same value')]);
    expect(messages('fit H { data d = "./d.jsonl" let h = H(d.v) loss mse(h, h) method standardise }')).toEqual([]);
  });
  test('a column of any number of axes goes into no part that leaves them open', () => {
    expect(messages(fitOf('mse(H(d.v), Loose(d.v))'))).toEqual([expect.stringContaining('tool-open `fit H` cannot be carried out: `Loose` takes tensors of any number of axes')]);
  });
});

describe('metrics', () => {
  for (const [name, row] of Object.entries(metrics))
    test(`${name} of each value and a column`, () => {
      const why = (value: string): string | undefined => refusals[value]!.verify ?? (row.inputs[0].takes === 'probabilities' ? refusals[value]!.probabilities : undefined);
      expect(messages(verifyOf(Object.values(values).map(({ verify }) => `${name}(${verify}, d.target)`), row.better))).toEqual(expectedOf(why));
    });
  for (const [name, row] of Object.entries(metrics).filter(([, { inputs }]) => inputs[1].takes === 'labels'))
    test(`${name} takes its classes from a column, and nowhere else`, () => {
      const computed = ['one', 'class', 'double', 'scores'].map((value) => `${name}(y.shares, ${values[value]!.verify})`);
      expect(messages(verifyOf(computed, row.better))).toEqual(computed.map(() => expect.stringContaining('`label` is to be a column of the data, and this is computed')));
      expect(messages(verifyOf(`${name}(d.label, y.shares)`, row.better))).toEqual([expect.stringContaining('`prediction` is a column of the data here')]);
    });
  test('what no swap touches is the same before and after', () => {
    expect(messages(verifyOf('accuracy(Shares(first(d.z)), d.label)', 'higher'))).toEqual([expect.stringContaining('does not depend on `Old`')]);
    expect(messages(verifyOf('cosine(y.vector, y.vector)', 'higher'))).toEqual([expect.stringContaining('both sides are the same value')]);
  });
  test('a model that carries something from run to run is none of examples', () => {
    expect(messages('verify V { swap Old with New in Remember  data d = "./d.jsonl"  let y = Remember(d.z)  require cosine(y.e, d.v) >= 0.5 }')).toEqual([expect.stringContaining('this is a model with a state; each row of the data is an example by itself, and `Remember` carries `seen`')]);
  });
  test('fields of outputs that are records are known, and so are those that are not there', () => {
    expect(messages(verifyOf('accuracy(y.pair.shares, d.label)', 'higher'))).toEqual([]);
    expect(messages(verifyOf('accuracy(y.pair.share, d.label)', 'higher'))).toEqual([expect.stringContaining('unknown-field')]);
    expect(messages(verifyOf('accuracy(y.pairs, d.label)', 'higher'))).toEqual([expect.stringContaining('unknown-field')]);
  });
});

describe('fixes', () => {
  const fixed = (tool: string): readonly string[] => {
    const found = errorsOf(checkText(`${source}${tool}`)).find(({ code }) => code === 'measure-inputs')!;
    const whole = `${source}${tool}`;
    return found.fixes.map(({ edits }) => edits.toSorted((a, b) => b.location.span.start - a.location.span.start).reduce((now, { location: { span }, text: put }) => now.slice(0, span.start) + put + now.slice(span.end), whole).slice(source.length));
  };
  test('each field that would do is offered, and is what it says', () => {
    const edited = fixed(verifyOf('nll(y, d.label)', 'lower'));
    expect(edited).toHaveLength(2);
    expect(edited[0]).toContain('nll(y.shares, d.label)');
    expect(edited[1]).toContain('nll(y.pair.shares, d.label)');
    for (const tool of edited) expect(messages(tool)).toEqual([]);
  });
  test('of a pipe the whole is put into parentheses', () => {
    const [edited] = fixed(fitOf('cross_entropy(d.v |> Pair, d.label)'));
    expect(edited).toContain('cross_entropy((d.v |> Pair).shares, d.label)');
    expect(messages(edited!)).toEqual([]);
  });
  test('inputs that stand the wrong way round are exchanged', () => {
    const [edited] = fixed(verifyOf('accuracy(d.label, y.shares)', 'higher'));
    expect(edited).toContain('accuracy(y.shares, d.label)');
    expect(messages(edited!)).toEqual([]);
  });
});
