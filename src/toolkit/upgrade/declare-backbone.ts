/** The declaration of an encoder that is only a file yet: fed as the old one is, in a space of its own. */
import type { ForeignModel } from '../../ir/graph.ts';
import { inferGraph } from '../../ir/infer/index.ts';
import type { Host } from '../../host/host.ts';
import type { Symbol } from '../../names/modules.ts';
import { specifierOf } from '../../names/specifiers.ts';
import type { BackboneDecl, BackboneInput } from '../../syntax/ast.ts';
import { reservedWords } from '../../syntax/tokens.ts';
import { visit } from '../../syntax/visit.ts';
import { relativePath } from '../../text/paths.ts';
import { constantOf } from '../../types/dim.ts';

export interface BackboneRequest {
  /** Of the new module. */
  readonly uri: string;
  readonly name: string;
  readonly space: string;
  /** The ONNX file. */
  readonly source: string;
  readonly model: ForeignModel;
  /** The backbone whose inputs the new one takes. */
  readonly like: Symbol<BackboneDecl>;
  readonly host: Host;
}

/** The module that declares it; a clause that says why, where its ports are not those of the old encoder. */
export function declareBackbone({ uri, name, space, source, model, like, host }: BackboneRequest): { readonly text: string } | string {
  const { declaration, module } = like;
  const { text } = module.source;
  const inputs = declaration.members.filter((member): member is BackboneInput => member.kind === 'BackboneInput');
  const inferred = inferGraph(model);
  const { graph } = model;
  const ports = inputs.flatMap(portsOf);
  const lacking = ports.filter((port) => !graph.inputs.includes(port));
  const extra = graph.inputs.filter((port) => !ports.includes(port));
  // A lone input may be called otherwise: there is no doubt which it is.
  const lone = lacking.length === 1 && extra.length === 1 && ports.length === 1 ? { from: lacking[0]!, to: extra[0]! } : undefined;
  if (lone === undefined && lacking.length + extra.length > 0) return `its inputs are ${listed(graph.inputs)}, and those of \`${like.name}\` ${listed(ports)}: declare it in MDL, and name that`;
  const vectors = graph.outputs.filter((output) => {
    const known = inferred.get(output);
    const last = known?.dims?.length === 2 ? known.dims[1] : undefined;
    return known?.dtype === 'f32' && last !== undefined && constantOf(last) !== undefined;
  });
  const [output] = vectors;
  if (output === undefined || vectors.length > 1) return `${vectors.length === 0 ? 'none' : 'more than one'} of its outputs ${listed(graph.outputs)} is a vector of a known size for each example: declare it in MDL, and name that`;
  const columns = constantOf(inferred.get(output)!.dims![1]!)!;
  const imports = new Map<string, Set<string>>();
  for (const input of inputs)
    visit(input.type, {
      enter(node) {
        const symbol = node.kind === 'Name' ? module.names.get(node.text) : undefined;
        if (symbol === undefined || node.kind !== 'Name') return;
        const specifier = specifierOf(symbol.module.uri, uri, host);
        imports.set(specifier, (imports.get(specifier) ?? new Set()).add(symbol.name === node.text ? node.text : `${symbol.name} as ${node.text}`));
      },
    });
  const written = inputs.map(({ name: { text: called }, type, default: otherwise, from }) => {
    const slice = (node: { readonly span: { readonly start: number; readonly end: number } }): string => text.slice(node.span.start, node.span.end);
    const port = lone === undefined ? from && slice(from) : JSON.stringify(lone.to);
    return `input ${called}: ${slice(type)}${otherwise === undefined ? '' : ` = ${slice(otherwise)}`}${port === undefined ? '' : ` from ${port}`}`;
  });
  const path = relativePath(source, uri);
  const lines = [
    [...imports].map(([specifier, names]) => `import { ${[...names].join(', ')} } from "${specifier}"`).join('\n'),
    `/// The space of \`${name}\`.\nspace ${space} @ 1.0.0`,
    `/// Takes what \`${like.name}\` takes.\nbackbone ${name} @ 1.0.0 {\n  source ${JSON.stringify(path.startsWith('.') ? path : `./${path}`)}\n  ${written.join('\n  ')}\n  output embedding: f32[batch, ${columns}] where space ${space} from ${JSON.stringify(output)}\n}`,
  ];
  return { text: `${lines.filter((line) => line !== '').join('\n\n')}\n` };
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ') || 'none';

/** The names in the file of what an input feeds. */
function portsOf({ name, from }: BackboneInput): readonly string[] {
  if (from === undefined) return [name.text];
  return from.kind === 'StringLit' ? [from.value] : from.entries.map(({ to }) => to.value);
}

/** Files of which only the folder says what they are. */
const general = /^(model|encoder|onnx|model_(quantized|fp16|int8))$/i;

/** `models/use-lite-v2.onnx` and `models/use-lite-v2/model.onnx` are `UseLiteV2`. */
export function nameOfFile(uri: string): string {
  const [folder = '', file = ''] = uri.split('/').slice(-2).map(decodeURIComponent);
  const stem = file.replace(/\.onnx$/i, '');
  const words = (general.test(stem) && folder !== '' ? folder : stem).split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(name) ? name : `Encoder${name}`;
}

/** A name for its space that nobody has. */
export function spaceFor(name: string, taken: ReadonlySet<string>): string {
  const base = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return [base, `${base}_space`].find((one) => !taken.has(one) && !reservedWords.has(one)) ?? `${base}_new`;
}
