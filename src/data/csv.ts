/** CSV as RFC 4180 has it: a header of names, fields in double quotes where they hold commas, quotes or line ends. */
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { ByteSource } from '../host/host.ts';
import { chunksOf, maxRowBytes } from './chunks.ts';
import { fileName, printable } from './json.ts';

/** A row by the header's names, and the line that it begins on, counted from 1. All values are texts. */
export interface CsvRow {
  readonly line: number;
  readonly value: Readonly<Record<string, string>>;
}

const maxFields = 10_000;

/**
 * The rows of a file, one by one; empty lines are passed over. The first wrong row ends the reading with a finding that
 * names its line.
 */
export function* readCsv(source: ByteSource, delimiter: ',' | '\t' = ','): Generator<Outcome<CsvRow>, void, void> {
  const file = fileName(source.uri);
  const refuse = (line: number, reason: string) => fail(dataCodes.finding('csv-row', { file, line, reason }));
  let header: readonly string[] | undefined;
  for (const record of recordsOf(source, delimiter)) {
    if (typeof record.fields === 'string') return yield refuse(record.line, record.fields);
    if (record.fields.length === 1 && record.fields[0] === '') continue;
    const wrong = header === undefined ? wrongHeader(record.fields, delimiter) : wrongWidth(record.fields, header, delimiter);
    if (wrong !== undefined) return yield refuse(record.line, wrong);
    if (header === undefined) header = record.fields;
    else yield succeed({ line: record.line, value: named(header, record.fields) });
  }
}

function named(header: readonly string[], fields: readonly string[]): Record<string, string> {
  // No prototype: any name is a name.
  const value: Record<string, string> = Object.create(null);
  for (const [i, name] of header.entries()) value[name] = fields[i]!;
  return value;
}

function wrongHeader(names: readonly string[], delimiter: string): string | undefined {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (names.includes('')) return 'it is the header, and one of its names is empty';
  if (twice !== undefined) return `it is the header, and "${printable(twice, 40)}" stands in it twice`;
  const other = delimiter === ',' && names.length === 1 ? [';', '\t'].find((sign) => names[0]!.includes(sign)) : undefined;
  return other === undefined
    ? undefined
    : `its fields are divided by ${other === ';' ? 'semicolons' : 'tabs (call the file .tsv)'}, and commas were expected`;
}

function wrongWidth(fields: readonly string[], header: readonly string[], delimiter: string): string | undefined {
  if (fields.length === header.length) return undefined;
  const sign = delimiter === ',' ? 'a comma' : 'a tab';
  const advice = fields.length > header.length ? ` (a field that holds ${sign} stands in quotes: \`"a${delimiter === ',' ? ', ' : '\t'}b"\`)` : '';
  return `it has ${fields.length} field${fields.length === 1 ? '' : 's'}, and the header has ${header.length}${advice}`;
}

/** A row's fields, or the reason why there are none: then nothing follows. */
interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[] | string;
}

/** What the next character belongs to. */
type Place = 'start' | 'plain' | 'quoted' | 'closed';

function* recordsOf(source: ByteSource, delimiter: string): Generator<CsvRecord, void, void> {
  let [place, line, begin, length]: [Place, number, number, number] = ['start', 1, 1, 0];
  let fields: string[] = [];
  let field = '';
  const endField = (): void => {
    fields.push(field);
    [field, place] = ['', 'start'];
  };
  for (const text of textsOf(source)) {
    if (typeof text !== 'string') return yield { line, fields: text.reason };
    for (const c of text) {
      length += c.length;
      if (length > maxRowBytes) return yield { line: begin, fields: `it is longer than ${maxRowBytes} characters` };
      if (c === '\n') line += 1;
      if (place === 'quoted') {
        if (c === '"') place = 'closed';
        else field += c;
      } else if (c === '"' && place !== 'plain') {
        // Two quotes inside quotes are one.
        if (place === 'closed') field += c;
        place = 'quoted';
      } else if (c === delimiter) {
        if (fields.length === maxFields) return yield { line: begin, fields: `it has more than ${maxFields} fields` };
        endField();
      } else if (c === '\n') {
        endField();
        yield { line: begin, fields };
        [fields, begin, length] = [[], line, 0];
      } else if (c !== '\r') {
        const misplaced = place === 'closed' ? 'text follows' : c === '"' ? 'a field without quotes holds' : undefined;
        if (misplaced !== undefined) return yield { line, fields: `${misplaced} a quote (write \`"a ""word"" b"\`)` };
        field += c;
        place = 'plain';
      }
    }
  }
  if (place === 'quoted') return yield { line: begin, fields: 'a quote is not closed (one inside a field is written twice: `"a ""word"" b"`)' };
  if (fields.length > 0 || field !== '' || place === 'closed') {
    endField();
    yield { line: begin, fields };
  }
}

/** The file's text in pieces, without a byte order mark, or the reason why there is no next one. */
function* textsOf(source: ByteSource): Generator<string | { readonly reason: string }, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (const chunk of chunksOf(source)) {
    if (typeof chunk === 'string') return yield { reason: chunk };
    const text = decode(decoder, chunk);
    if (text === undefined) {
      // The text before the fault, so that it is found on its line.
      yield new TextDecoder().decode(chunk).split('\ufffd', 1)[0]!;
      return yield { reason: 'it is not UTF-8' };
    }
    yield text;
  }
  if (decode(decoder) === undefined) yield { reason: 'it is not UTF-8' };
}

/** Undefined where the bytes are no text; without bytes, where the last ones were only the beginning of a character. */
function decode(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string | undefined {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    return undefined;
  }
}
