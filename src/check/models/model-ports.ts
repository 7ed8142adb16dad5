/** What a model's inputs and outputs must be for a run to feed and to read them. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { ModelDecl } from '../../syntax/ast.ts';
import { showDim, symbolsOf, toldBy } from '../../types/dim.ts';
import { replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { CheckedPort } from '../model.ts';
import { tensorsOf } from '../parts/signature.ts';

/** A name is a size that each run decides; where it stands nowhere alone or as a multiple, a tensor of `a + b` does not tell what it is. */
export function reportUnboundInputs(symbol: Symbol<ModelDecl>, inputs: readonly CheckedPort[], env: Env): void {
  if (inputs.some((input) => input.type.kind === 'unknown')) return;
  const sizes = inputs.flatMap(({ name, type }) => tensorsOf(type).flatMap(({ shape }) => shape.axes.map(({ size }) => ({ name, size }))));
  const known = new Set(sizes.map(({ size }) => toldBy(size)?.symbol.key));
  for (const { name, size } of sizes) {
    const unknown = symbolsOf(size).find(({ key }) => !known.has(key));
    const member = symbol.declaration.members.find((m) => m.kind === 'ModelInput' && m.name.text === name);
    if (unknown === undefined || member?.kind !== 'ModelInput' || symbol.module.unresolved.has(unknown.name)) continue;
    known.add(unknown.key);
    env.report(
      partCodes.report('unbound-input-size', { input: name, size: showDim(size), name: unknown.name }, at(symbol.module, member.type.span), {
        label: `\`${unknown.name}\` stands alone on no axis`,
        notes: ['A run learns a size from an axis that is this name alone. Give the whole a name of its own, or take an input that has the name bare.'],
      }),
    );
  }
}

/** JavaScript's objects cannot hold a member of this name, so ONNX Runtime gives no such output. */
const unusable = '__proto__';

export function reportUnusableOutputs(symbol: Symbol<ModelDecl>, env: Env): void {
  for (const member of symbol.declaration.members) {
    if (member.kind !== 'ModelOutput' || member.name.text !== unusable) continue;
    env.report(
      partCodes.report('unusable-name', { name: unusable }, at(symbol.module, member.name.span), {
        label: 'give it another name',
        notes: ['Outputs are members of a JavaScript object, which keeps this name for itself.'],
        fixes: [{ title: 'call it `proto`', edits: [replaceAt(member.name.span, 'proto', symbol.module)] }],
      }),
    );
  }
}
