/** The tokenizer.json behind the tokens of a type. */
import { resolvePath } from '../../names/paths.ts';
import { at, type Location } from '../../text/source.ts';
import type { Nominal } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import type { Checker, TokenizerFile } from '../context.ts';
import { noteLooked } from '../recording.ts';

export interface TokenizerSource {
  readonly file: TokenizerFile;
  readonly uri: string;
  /** Where a declaration names the file. */
  readonly location: Location;
}

/** What a tokenizer's file says of itself; undefined where its declaration names none, or one that cannot be read, which is told there. */
export function tokenizerSource({ location, name, parameter }: Nominal, checker: Checker): TokenizerSource | undefined {
  if (parameter === true) return undefined;
  const module = checker.modules.scopes.get(location.uri);
  const declaration = module?.names.get(name)?.declaration;
  if (module === undefined || declaration?.kind !== 'TokenizerDecl' || declaration.source === undefined) return undefined;
  const uri = resolvePath(declaration.source.value, module.uri);
  if (uri === undefined || checker.host.stat(uri) === undefined) return undefined;
  noteLooked(uri, checker);
  const file = checker.files.tokenizer(uri);
  return file.ok ? { file: file.value, uri, location: at(module, declaration.source.span) } : undefined;
}

/** The tokenizer whose ids the elements of a type are, where that is said of it and its file can be read. */
export function idsOf({ dtype, facts }: TensorType, checker: Checker): (TokenizerSource & { readonly nominal: Nominal }) | undefined {
  const nominal = dtype === 'i64' || dtype === 'i32' ? facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [fact.nominal] : []))[0] : undefined;
  const source = nominal && tokenizerSource(nominal, checker);
  return source && { ...source, nominal: nominal! };
}
