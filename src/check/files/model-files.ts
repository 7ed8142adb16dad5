/** The foreign files that a program is made of. */
import { filesOfNetwork } from '../../ir/stored-tensors.ts';
import type { Type } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import type { CheckedModel } from '../model.ts';

type Tokenizers = CheckedModel['tokenizers'];

export function filesOf(program: CheckedModel['program'], tokenizers: Tokenizers): string[] {
  const files = new Set(tokenizers.map((t) => t.uri));
  for (const step of program.steps) if (step.kind === 'link') for (const uri of filesOfNetwork(step.model)) files.add(uri);
  for (const { bytes } of program.initializers) if (bytes !== undefined && !(bytes instanceof Uint8Array)) files.add(bytes.uri);
  return [...files].sort();
}

export function tokenizersOf(inputs: readonly Type[], checker: Checker): Tokenizers {
  const found = new Map<string, Tokenizers[number]>();
  for (const type of inputs) {
    const tensors = type.kind === 'tensor' ? [type] : type.kind === 'record' ? [...type.fields.values()] : [];
    for (const fact of tensors.flatMap((t) => t.facts)) {
      if (fact.kind !== 'tokenizer') continue;
      const { kind, id, name, version } = fact.nominal;
      const uri = checker.identities.get(`${kind} ${id}@${version}`)?.files[0];
      if (uri !== undefined) found.set(`${id}@${version}`, { name, version, uri });
    }
  }
  return [...found.values()];
}
