import * as t from '../tokens.ts';
import { ExpressionGrammar, type Rule } from './expressions.ts';

/** Types and their facts: `f32[batch, C: 3] where range [0, 1], space use@^1`. */
export class TypeGrammar extends ExpressionGrammar {
  /** A type and its `where` clause, which may begin on the next line. */
  type: Rule = this.RULE('type', () => {
    this.SUBRULE(this.baseType);
    this.OPTION(() => this.SUBRULE(this.facts));
  });

  /** `where range [0, 1], space use@^1 on violation reject` */
  facts: Rule = this.RULE('facts', () => {
    this.CONSUME(t.Where);
    this.SUBRULE(this.fact);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.fact);
    });
    this.OPTION(() => this.SUBRULE(this.violation));
  });

  /** `on violation replace(0)`; the builder knows the words. */
  violation: Rule = this.RULE('violation', () => {
    this.CONSUME(t.On);
    this.CONSUME(t.Identifier);
    this.CONSUME2(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.CallParen);
      this.SUBRULE(this.bound);
      this.CONSUME(t.RParen);
    });
  });

  baseType: Rule = this.RULE('baseType', () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.OR([{ ALT: () => this.SUBRULE(this.dims) }, { ALT: () => this.SUBRULE(this.args) }]));
  });

  dims: Rule = this.RULE('dims', () => {
    this.CONSUME(t.DimsBracket);
    this.OPTION(() => {
      this.SUBRULE(this.dim);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.dim);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RBracket);
  });

  /** `...`, `batch`, `C: 3`, `d1 + d2`, `h div 14`, `some n` */
  dim: Rule = this.RULE('dim', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Ellipsis) },
      {
        ALT: () => {
          this.OPTION(() => {
            this.CONSUME(t.Identifier);
            this.CONSUME(t.Colon);
          });
          this.OR2([
            {
              ALT: () => {
                this.CONSUME(t.Some);
                this.CONSUME2(t.Identifier);
              },
            },
            { ALT: () => this.SUBRULE(this.size) },
          ]);
        },
      },
    ]);
  });

  size: Rule = this.RULE('size', () => {
    this.SUBRULE(this.sizeAtom);
    this.MANY(() => {
      this.OR([{ ALT: () => this.CONSUME(t.Operator) }, { ALT: () => this.CONSUME(t.Div) }, { ALT: () => this.CONSUME(t.Mod) }]);
      this.SUBRULE2(this.sizeAtom);
    });
  });

  /** `seq`, `14`, `(h + 1)`, `min(seq, 512)` */
  sizeAtom: Rule = this.RULE('sizeAtom', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberLiteral) },
      {
        ALT: () => {
          this.CONSUME(t.Identifier);
          this.OPTION(() => {
            this.CONSUME(t.CallParen);
            this.SUBRULE2(this.size);
            this.MANY(() => {
              this.CONSUME(t.Comma);
              this.SUBRULE3(this.size);
            });
            this.CONSUME2(t.RParen);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          this.SUBRULE(this.size);
          this.CONSUME(t.RParen);
        },
      },
    ]);
  });

  fact: Rule = this.RULE('fact', () => {
    this.OR({
      // `range` is a name, too: the first alternative has it.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.rangeFact) },
        { ALT: () => this.SUBRULE(this.nominalFact) },
        { ALT: () => this.SUBRULE(this.namedFact) },
      ],
    });
  });

  /** `range [0, inf]`, `range C [[0, 1], [-1, 1]]` */
  rangeFact: Rule = this.RULE('rangeFact', () => {
    this.CONSUME(t.Range);
    this.OR([
      { ALT: () => this.SUBRULE(this.bounds) },
      {
        ALT: () => {
          this.CONSUME(t.Identifier);
          this.CONSUME(t.LBracket);
          this.SUBRULE2(this.bounds);
          this.MANY(() => {
            this.CONSUME(t.Comma);
            this.SUBRULE3(this.bounds);
          });
          this.OPTION(() => this.CONSUME2(t.Comma));
          this.CONSUME(t.RBracket);
        },
      },
    ]);
  });

  bounds: Rule = this.RULE('bounds', () => {
    this.CONSUME(t.LBracket);
    this.SUBRULE(this.bound);
    this.CONSUME(t.Comma);
    this.SUBRULE2(this.bound);
    this.CONSUME(t.RBracket);
  });

  /** `space minilm@^2 | ^3` */
  nominalFact: Rule = this.RULE('nominalFact', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Space) }, { ALT: () => this.CONSUME(t.Tokenizer) }]);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.At);
      this.SUBRULE(this.versions);
    });
  });

  /** A flag, `mask`; a reduction, `norm(-1) == 1 +- 1e-3`, whose `(` stands on its line; or a comparison, `h >= 32`. */
  namedFact: Rule = this.RULE('namedFact', () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.CallParen);
            this.SUBRULE(this.bound);
            this.CONSUME(t.RParen);
            this.CONSUME(t.Compare);
            this.SUBRULE2(this.bound);
            this.OPTION2(() => {
              this.CONSUME(t.PlusMinus);
              this.SUBRULE3(this.bound);
            });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Comparison);
            this.SUBRULE(this.compared);
          },
        },
      ]),
    );
  });

  /** `rgb`, `32` */
  compared: Rule = this.RULE('compared', () => {
    this.OPTION(() => this.CONSUME(t.Minus));
    this.OR([{ ALT: () => this.CONSUME(t.NumberLiteral) }, { ALT: () => this.CONSUME(t.Identifier) }]);
  });

  /** `-1`, `1e-3`, `inf`, and `limit`, a contract's parameter */
  bound: Rule = this.RULE('bound', () => {
    this.OPTION(() => this.CONSUME(t.Minus));
    this.OR({
      // `inf` is a name, too: the alternative before has it.
      IGNORE_AMBIGUITIES: true,
      DEF: [{ ALT: () => this.CONSUME(t.NumberLiteral) }, { ALT: () => this.CONSUME(t.Inf) }, { ALT: () => this.CONSUME(t.Identifier) }],
    });
  });
}
