/** Writes `grammar/mdl.ebnf` and `grammar/mdl.html` from the parser. */
import { writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { ebnfOf, grammarRules } from './grammar-rules.mjs';
import { railroadsOf } from './railroad.mjs';

const root = new URL('../', import.meta.url);
const build = await rolldown({ input: new URL('src/syntax/parser.ts', root).pathname, platform: 'node' });
const { output } = await build.generate({ format: 'esm' });
await build.close();
const { createParser } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
const rules = grammarRules(createParser().getSerializedGastProductions());
writeFileSync(new URL('grammar/mdl.ebnf', root), ebnfOf(rules));
writeFileSync(new URL('grammar/mdl.html', root), railroadsOf(rules));
