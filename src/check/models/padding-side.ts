/** Inputs whose tokenizer pads in front of the tokens, though their mask is to be ones and then zeros. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { at } from '../../text/source.ts';
import type { ModelDecl } from '../../syntax/ast.ts';
import { constantOf } from '../../types/dim.ts';
import type { Fact, Nominal } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import type { Env } from '../env.ts';
import { tokenizerSource } from '../files/tokenizer-source.ts';
import type { CheckedPort } from '../model.ts';

/** The runtime makes all fields of such an input at once, so what one says of the tokenizer holds for the mask beside it. */
export function reportPaddingSide(inputs: readonly CheckedPort[], env: Env): void {
  const members = (env.symbol.declaration as ModelDecl).members;
  for (const { name, type } of inputs) {
    if (type.kind !== 'record') continue;
    const fields = [...type.fields];
    const nominal = fields.flatMap(([, { facts }]) => facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [fact.nominal] : [])))[0];
    const padded = nominal && paddingOf(nominal, env.checker);
    const masks = padded === undefined ? [] : fields.flatMap(([field, tensor]) => prefixOf(tensor, padded.always).map((fact) => ({ field, fact })));
    const member = members.find((m) => m.kind === 'ModelInput' && m.name.text === name);
    const [mask] = masks;
    if (padded === undefined || mask === undefined || member?.kind !== 'ModelInput') continue;
    env.report(
      jointCodes.report('padding-side', { mask: `${name}.${mask.field}`, tokenizer: nominal!.name }, at(env.scope.module, member.type.span), {
        label: 'padded in front of the tokens',
        related: [
          { location: padded.location, text: 'its `padding.direction` is "Left"' },
          ...(mask.fact.location ? [{ location: mask.fact.location, text: 'ones and then zeros' }] : []),
        ],
        notes: [
          'Texts of two lengths in one batch would be refused at run time.',
          'Where nothing needs the tokens at the front, `Tokens` of "std/text" asks for no more than `mask`. What does need them there takes a tokenizer.json whose `padding.direction` is "Right".',
        ],
      }),
    );
  }
}

/** A single row that is padded to no length is its tokens and nothing else. */
const prefixOf = ({ facts, shape }: TensorType, always: boolean): Fact[] =>
  !always && constantOf(shape.axes[0]?.size ?? shape.axes.at(-1)!.size) === 1 ? [] : facts.filter((fact) => fact.kind === 'prefix_mask');

/** Where a tokenizer names its file, if that pads on the left, and whether it pads single texts, too. */
function paddingOf(nominal: Nominal, checker: Checker) {
  const source = tokenizerSource(nominal, checker);
  return source?.file.padding.side === 'left' ? { location: source.location, always: source.file.padding.always } : undefined;
}
