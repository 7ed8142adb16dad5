/** The operator sets and the IR version of a composed file. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { Link, Program } from '../../ir/program.ts';
import type { DType } from '../../types/dtype.ts';
import { Fault, fileName } from '../read/fault.ts';
import type { OnnxFile } from '../read/file.ts';

/** The least IR version of a composed file: initializers without inputs need 4, and no reader wants less than 7. */
const leastIrVersion = 7;
const functionsIrVersion = 8;
/** ONNX's own operators at a version that has an Identity for every type; only where nothing else asks for one. */
const fallbackOpset = 13;

/** IR versions that brought element types. */
const irVersionOf: ReadonlyMap<DType, number> = new Map([
  ['f8e4m3fn', 9],
  ['f8e4m3fnuz', 9],
  ['f8e5m2', 9],
  ['f8e5m2fnuz', 9],
  ['u4', 10],
  ['i4', 10],
  ['f4e2m1', 11],
  ['f8e8m0', 12],
  ['u2', 13],
  ['i2', 13],
]);

/**
 * The version of each domain that the composed file imports: the newest that one of its files or the program itself
 * wants, to which the others are converted. Throws a Fault where the program's own operators are of an older one.
 */
export function mergeOpsets(program: Program, links: ReadonlyMap<Link, OnnxFile>): ReadonlyMap<string, number> {
  const merged = new Map(program.opsets);
  for (const [link, file] of links)
    for (const [domain, version] of file.opsets) {
      const own = program.opsets.get(domain);
      if (own !== undefined && version > own && hasOperators(program, domain))
        throw mismatch(program, domain, { own, version, link, file });
      merged.set(domain, Math.max(version, merged.get(domain) ?? 0));
    }
  return merged.has('') ? merged : merged.set('', fallbackOpset);
}

const hasOperators = (program: Program, domain: string): boolean =>
  program.steps.some((step) => step.kind === 'operation' && step.domain === domain);

interface Newer {
  readonly own: number;
  readonly version: number;
  readonly link: Link;
  readonly file: OnnxFile;
}

function mismatch(program: Program, domain: string, { own, version, link, file }: Newer): Fault {
  return new Fault(
    onnxCodes.finding('opset-mismatch', {
      domain: domain || 'ai.onnx',
      first: `the model \`${program.name}\``,
      firstVersion: own,
      second: `\`${link.name}\` (${fileName(file.uri)})`,
      secondVersion: version,
    }),
  );
}

/** The smallest IR version that holds everything in the program. */
export function irVersionFor(program: Program, files: Iterable<OnnxFile>): number {
  const dtypes = [
    ...program.initializers.map((tensor) => tensor.dtype),
    ...[...program.types.values()].flatMap((info) => info.dtype ?? []),
  ];
  const demands = [...files].flatMap((file) => [
    file.irVersion,
    file.layout.functions.length > 0 ? functionsIrVersion : leastIrVersion,
  ]);
  const versions = [...demands, ...dtypes.map((dtype) => irVersionOf.get(dtype) ?? 0)];
  return versions.reduce((most, version) => Math.max(most, version), leastIrVersion);
}
