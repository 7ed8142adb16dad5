/** Names that stand for nothing that could be there: inputs, outputs and taps that an ONNX file does not have. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../../ir/graph.ts';
import { definedIn } from '../../ir/needs.ts';
import type { Symbol } from '../../names/modules.ts';
import type { Location } from '../../text/source.ts';
import { suggest } from '../../text/suggest.ts';
import type { Callable, Checker } from '../context.ts';
import { removal } from '../edits.ts';
import { fromFix, nameAround } from './file-type-fix.ts';
import { nearTensors } from './near-tensors.ts';

/** A declaration beside the file that it describes. */
export interface Place {
  /** The file's name as messages say it. */
  readonly file: string;
  readonly model: ForeignModel;
  /** Where the file is named. */
  readonly source: Location;
  readonly checker: Checker;
  readonly symbol: Symbol<Callable>;
}

/** Whether the text at a location is a string literal, which a fix can replace. */
const isString = (location: Location, { symbol }: Place): boolean => symbol.module.source.text[location.span.start] === '"';

/** An input or an output; `names` are those that the file has, and `free` those of them that nothing else declares. */
export function reportPort(what: 'input' | 'output', name: string, names: readonly string[], free: readonly string[], location: Location, place: Place): void {
  const near = suggest(name, free) ?? nameAround(name, free) ?? (free.length === 1 ? free[0] : undefined);
  const shown = names.slice(0, 8).map((n) => `"${n}"`).join(', ');
  const inner = what === 'output' && near === undefined && definedIn(place.model.graph).has(name);
  place.checker.diagnostics.push(
    foreignCodes.report('file-port', { file: place.file, what, name }, location, {
      label: near ? `did you mean "${near}"?` : inner ? 'a tensor inside the file' : 'not in the file',
      related: [{ location: place.source, text: 'this file' }],
      notes: [
        ...(inner ? ['A tensor inside the file is read by `tap` in place of `output`.'] : []),
        `Its ${what}s are ${shown}${names.length > 8 ? ` and ${names.length - 8} more` : ''}.`,
      ],
      fixes: near === undefined ? [] : isString(location, place) ? [{ title: `write "${near}"`, edits: [{ location, text: `"${near}"` }] }] : fromFix(near, location, place.symbol),
    }),
  );
}

/** A tensor inside the file. */
export function reportTap(name: string, location: Location, place: Place): void {
  const near = nearTensors(name, place.model.graph);
  const [best] = near;
  place.checker.diagnostics.push(
    foreignCodes.report('file-port', { file: place.file, what: 'tensor', name }, location, {
      label: best ? `did you mean "${best}"?` : 'not in the file',
      related: [{ location: place.source, text: 'this file' }],
      notes: [
        ...(near.length > 1 ? [`Near to it are ${near.map((n) => `"${n}"`).join(', ')}.`] : []),
        `\`mdl inspect --inner ${place.file}\` lists all tensors.`,
      ],
      fixes: best && isString(location, place) ? [{ title: `write "${best}"`, edits: [{ location, text: `"${best}"` }] }] : [],
    }),
  );
}

/** An input of the name of an initializer. Where the file lists such an input, too, the initializer is its default, which is always taken. */
export function reportConstant(name: string, location: Location, { file, source, symbol, checker }: Place): void {
  checker.diagnostics.push(
    foreignCodes.report('file-constant', { file, name }, location, {
      label: 'declared as an input',
      related: [{ location: source, text: 'this file' }],
      notes: [`An initializer of the file is called "${name}". Where an input is called so, too, that is its default, and MDL always takes it. To feed "${name}", export the file without that initializer.`],
      fixes: memberRemoval(location, symbol),
    }),
  );
}

/** Takes out the input that a name of the file stands in, where it is all of it. */
export function memberRemoval({ span }: Location, { declaration, module }: Symbol<Callable>): Fix[] {
  const member = declaration.kind === 'BackboneDecl' ? declaration.members.find((m) => m.kind === 'BackboneInput' && (m.from ?? m.name).span.start === span.start) : undefined;
  return member?.kind === 'BackboneInput' ? removal([member], `input ${member.name.text}`, module) : [];
}
