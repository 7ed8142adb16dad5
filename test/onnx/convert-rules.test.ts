/** The table of rules against ONNX's own history of its operators, as Python's package has it. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ruleSets } from '../../src/onnx/convert/rules.ts';
import { useLiteUri, opener, readUseLite, valueOf } from './helpers.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { bitsOf, checkerMissing, i64, runModel } from './oracles.ts';
import { topicProgram } from './programs.ts';

/** Operators that lost an attribute, changed a default, want another input, or ended: "name version" each. */
const history = `
import onnx.defs as d, onnx.helper as h
from collections import defaultdict
schemas = defaultdict(list)
for s in d.get_all_schemas_with_history():
    if s.domain == '': schemas[s.name].append(s)
def default(a): return str(h.get_attribute_value(a.default_value)) if a.default_value.type else ''
def required(s): return [i.name for i in s.inputs if str(i.option).endswith('Single')]
for name, all in sorted(schemas.items()):
    all.sort(key=lambda s: s.since_version)
    for a, b in zip(all, all[1:]):
        if b.since_version <= 7: continue
        lost = any(k not in b.attributes or default(v) != default(b.attributes[k]) for k, v in a.attributes.items())
        wants = len(required(b)) > len(required(a)) or len(b.outputs) < len(a.outputs)
        if lost or wants or b.deprecated: print(name, b.since_version)
`;

test('every operator that an old node cannot be handed to has a rule', (context) => {
  const missing = checkerMissing();
  if (missing !== undefined) console.log(`not checked: ${missing}`);
  context.skip(missing !== undefined, missing);
  const answer = spawnSync('/usr/bin/python3', ['-c', history], { encoding: 'utf8' });
  expect(answer.stderr).toBe('');
  const { rules } = ruleSets.get('')!;
  const found = answer.stdout.trim().split('\n').map((line) => line.split(' '));
  expect(found.length).toBeGreaterThan(15);
  expect(found.filter(([name, version]) => rules[name!]?.[Number(version)] === undefined)).toEqual([]);
});

test('a real encoder computes the same bits three versions later', async () => {
  const encoder = readUseLite();
  const at = async (opset: number) => {
    const topic = { ...topicProgram(encoder), opsets: new Map([['', opset]]) };
    const { pieces } = valueOf(composeProgram(topic, new Map([[useLiteUri, encoder]]), { producer: 'mdl', producerVersion: '0' }, opener()));
    return runModel(materialize(pieces, opener()), { 'tokens.ids': i64([2, 3], [5, 900, 31, 7, 2, 0]), 'tokens.mask': i64([2, 3], [1, 1, 1, 1, 1, 0]) });
  };
  expect(encoder.opsets.get('')).toBe(14);
  const [before, after] = [await at(14), await at(18)];
  expect(bitsOf(after['topic'])).toBe(bitsOf(before['topic']));
});
