/** Writes `grammar/mdl.ebnf` from the parser. */
import { writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { ebnfOf } from './ebnf.mjs';

const root = new URL('../', import.meta.url);
const build = await rolldown({ input: new URL('src/syntax/parser.ts', root).pathname, platform: 'node' });
const { output } = await build.generate({ format: 'esm' });
await build.close();
const { createParser } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
writeFileSync(new URL('grammar/mdl.ebnf', root), ebnfOf(createParser().getSerializedGastProductions()));
