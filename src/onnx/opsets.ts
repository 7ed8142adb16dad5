/** The operator sets and the IR version of a composed file. */
import { onnxCodes } from '../diagnostics/codes/onnx.ts';
import type { Link, Program } from '../ir/program.ts';
import type { DType } from '../types/dtype.ts';
import { Fault, fileName } from './fault.ts';
import type { OnnxFile } from './file.ts';

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

/** Domain to version, from the program and all its files. Throws a Fault where two of them disagree. */
export function mergeOpsets(program: Program, links: ReadonlyMap<Link, OnnxFile>): ReadonlyMap<string, number> {
  const merged = new Map<string, { readonly version: number; readonly importer: string }>();
  const add = (importer: string, opsets: ReadonlyMap<string, number>): void => {
    for (const [domain, version] of opsets) {
      const first = merged.get(domain);
      if (first === undefined) merged.set(domain, { version, importer });
      else if (first.version !== version)
        throw new Fault(
          onnxCodes.finding(
            'opset-mismatch',
            {
              domain: domain || 'ai.onnx',
              first: first.importer,
              firstVersion: first.version,
              second: importer,
              secondVersion: version,
            },
            ['Export both at the same opset, or convert one with `onnx.version_converter`.'],
          ),
        );
    }
  };
  for (const [link, file] of links) add(`\`${link.name}\` (${fileName(file.uri)})`, file.opsets);
  add(`the model \`${program.name}\``, program.opsets);
  const opsets = new Map([...merged].map(([domain, { version }]) => [domain, version]));
  return opsets.has('') ? opsets : opsets.set('', fallbackOpset);
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
