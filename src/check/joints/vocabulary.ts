/** Ids of a tokenizer before a table that has fewer rows than there are ids: an embedding of another vocabulary. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Place } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../../ir/graph.ts';
import { lookedUpBy } from '../../ir/looked-up.ts';
import { numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { axisFromEnd, fromEnd } from '../../ops/shapes.ts';
import { constantOf } from '../../types/dim.ts';
import type { Nominal } from '../../types/fact.ts';
import type { Checker } from '../context.ts';
import type { FilePort } from '../files/file-types.ts';
import { idsOf, type TokenizerSource } from '../files/tokenizer-source.ts';
import type { TensorValue } from '../expressions/values.ts';

/** A table, and what is known of those who look into it. */
interface LookUp {
  /** As messages say it. */
  readonly ids: string;
  readonly table: string;
  readonly rows: number;
  readonly further: number;
}

type Ids = TokenizerSource & { readonly nominal: Nominal };

/** A diagnostic for each input of a file whose ids go beyond a table of it. Tables that are larger have rows that no id means, as those padded to a multiple of 64 do. */
export function judgeVocabularies(ports: readonly FilePort[], model: ForeignModel, checker: Checker): ReadonlyMap<FilePort, Diagnostic> {
  const outputs = ports.filter(({ direction }) => direction !== 'input').map(({ onnx }) => onnx);
  return new Map(ports.flatMap((port): [FilePort, Diagnostic][] => {
    const ids = port.direction === 'input' ? idsOf(port.type, checker) : undefined;
    const beyond = ids && lookedUpBy(model, port.onnx, outputs).find(({ rows, offset }) => isBeyond(ids, rows, offset));
    if (beyond === undefined) return [];
    const table = `the table "${beyond.table}" of ${checker.host.display(model.uri)}`;
    const { args, place } = told(ids!, { ids: `\`${port.name}\``, table, rows: beyond.rows, further: beyond.offset }, checker);
    return [[port, jointCodes.report('vocabulary-too-large', args, port.location, place)]];
  }));
}

export interface BeyondTable {
  readonly args: Parameters<typeof jointCodes.report<'vocabulary-too-large'>>[1];
  readonly place: Place;
}

/** What is said of a `Gather` in a body; `named` is how an operand is written there. Undefined where the table is large enough, or nobody knows. */
export function judgeGather(operator: Operator, [x, indices]: readonly TensorValue[], attributes: AttributeValues, named: (operand: number) => string, checker: Checker): BeyondTable | undefined {
  const ids = operator.name === 'Gather' && indices !== undefined ? idsOf(indices.type, checker) : undefined;
  const axis = ids === undefined ? undefined : fromEnd(numberAt(attributes, 'axis'), x!.type.shape);
  const rows = axis === undefined ? undefined : constantOf(axisFromEnd(x!.type.shape, axis).size);
  return ids === undefined || rows === undefined || !isBeyond(ids, rows, 0) ? undefined : told(ids, { ids: named(1), table: named(0), rows, further: 0 }, checker);
}

const isBeyond = ({ file }: Ids, rows: number, further: number): boolean => file.vocabulary + further > rows;

function told({ file, nominal, uri, location }: Ids, lookUp: LookUp, { host }: Checker): BeyondTable {
  return {
    args: { ...lookUp, tokenizer: nominal.name, vocabulary: file.vocabulary },
    place: {
      label: `ids up to ${file.vocabulary - 1 + lookUp.further} are looked up in ${lookUp.rows} rows`,
      related: [{ location, text: `${host.display(uri)} has the ids 0 to ${file.vocabulary - 1}` }],
      notes: [
        'An id beyond the table ends a run, and one within it is the row of another word: the two come of different vocabularies.',
        `Name the tokenizer.json that was published with the network. Where tokens were added to ${host.display(uri)} later, the network has to be exported with rows for them.`,
      ],
    },
  };
}
