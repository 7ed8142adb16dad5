/** The TextMate grammar on the engine that editors run it on. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import textmate from 'vscode-textmate';

const { INITIAL, Registry, parseRawGrammar } = textmate;
const file = new URL('../../editors/vscode/syntaxes/mdl.tmLanguage.json', import.meta.url);
const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');

await loadWASM(readFileSync(wasm));
const registry = new Registry({
  onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
  loadGrammar: (scope) => Promise.resolve(scope === 'source.mdl' ? parseRawGrammar(readFileSync(file, 'utf8'), 'mdl.tmLanguage.json') : null),
});
const grammar = (await registry.loadGrammar('source.mdl'))!;

export interface Painted {
  readonly start: number;
  readonly end: number;
  /** From the outermost to the innermost, without that of the whole language. */
  readonly scopes: readonly string[];
}

/** What an editor paints in a text, by its offsets. */
export function paint(text: string): Painted[] {
  let state = INITIAL;
  return [...text.matchAll(/([^\r\n]*)(?:\r\n|\r|\n|$)/g)].flatMap(({ 1: line, index }) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line!, state);
    state = ruleStack;
    // The engine counts the line's end, which it adds itself.
    return tokens.map(({ startIndex, endIndex, scopes }) => ({ start: index + startIndex, end: index + Math.min(endIndex, line!.length), scopes: scopes.slice(1) }));
  });
}
