import { Lexer } from 'chevrotain';
import { punctuation, shapes } from '../../src/syntax/tokens.ts';

/** Chevrotain's own lexer of our table of tokens, which it checks first: patterns that hide others, and such. */
export const chevrotainLexer = (): Lexer => new Lexer([...shapes, ...punctuation], { positionTracking: 'onlyOffset', ensureOptimizations: true });
