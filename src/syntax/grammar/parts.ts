import * as t from '../tokens.ts';
import type { Rule } from './expressions.ts';
import { TypeGrammar } from './types.ts';

/** What computes: adapters, heads, parts, and models. */
export class PartGrammar extends TypeGrammar {
  params: Rule = this.RULE('params', () => {
    this.CONSUME(t.LParen);
    this.OPTION(() => {
      this.SUBRULE(this.param);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.param);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RParen);
  });

  /** `x: float[..., d]`, `out: int = 64`, `by: tokenizer` */
  param: Rule = this.RULE('param', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.OR([
      { ALT: () => this.CONSUME(t.Space) },
      { ALT: () => this.CONSUME(t.Tokenizer) },
      { ALT: () => this.CONSUME(t.Labels) },
      { ALT: () => this.SUBRULE(this.baseType) },
    ]);
    this.OPTION(() => {
      this.CONSUME(t.Bind);
      this.SUBRULE(this.expression);
    });
  });

  /**
   * `head H @ 1.0.0 (x: T) -> U where … keeps … weights … { … }`, the clauses in any order: the builder says where
   * they are not in theirs.
   */
  part: Rule = this.RULE('part', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Adapter) },
      { ALT: () => this.CONSUME(t.Head) },
      { ALT: () => this.CONSUME(t.Part) },
    ]);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.At);
      this.CONSUME(t.VersionLike);
    });
    this.SUBRULE(this.params);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.type);
    this.MANY(() =>
      this.OR2([
        { ALT: () => this.SUBRULE(this.facts) },
        { ALT: () => this.SUBRULE(this.keeps) },
        { ALT: () => this.SUBRULE(this.weights) },
      ]),
    );
    this.SUBRULE(this.block);
  });

  /** `keeps space, tokenizer` */
  keeps: Rule = this.RULE('keeps', () => {
    this.CONSUME(t.Keeps);
    this.SUBRULE(this.kept);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.kept);
    });
  });

  kept: Rule = this.RULE('kept', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Space) },
      { ALT: () => this.CONSUME(t.Tokenizer) },
      { ALT: () => this.CONSUME(t.Identifier) },
    ]);
  });

  /** `weights "./head.safetensors" from { linear.w: "w" }` */
  weights: Rule = this.RULE('weights', () => {
    this.CONSUME(t.Weights);
    this.CONSUME(t.StringLiteral);
    this.OPTION(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.nameMap);
    });
  });

  /** `{ linear.w: "w" transposed, ids: "input_ids" }` */
  nameMap: Rule = this.RULE('nameMap', () => {
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.SUBRULE(this.nameMapEntry);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.nameMapEntry);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RCurly);
  });

  nameMapEntry: Rule = this.RULE('nameMapEntry', () => {
    this.CONSUME(t.Identifier);
    this.MANY(() => {
      this.CONSUME(t.Dot);
      this.CONSUME2(t.Identifier);
    });
    this.CONSUME(t.Colon);
    this.CONSUME(t.StringLiteral);
    this.OPTION(() => this.CONSUME(t.Transposed));
  });

  /** The value is required; the builder says so where it is missing. */
  block: Rule = this.RULE('block', () => {
    this.CONSUME(t.LCurly);
    this.MANY(() =>
      this.OR([{ ALT: () => this.SUBRULE(this.letStatement) }, { ALT: () => this.SUBRULE(this.paramStatement) }]),
    );
    this.OPTION(() => this.SUBRULE(this.expression));
    this.CONSUME(t.RCurly);
  });

  letStatement: Rule = this.RULE('letStatement', () => {
    this.CONSUME(t.Let);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Bind);
    this.SUBRULE(this.expression);
  });

  paramStatement: Rule = this.RULE('paramStatement', () => {
    this.CONSUME(t.ParamWord);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
  });

  model: Rule = this.RULE('model', () => {
    this.CONSUME(t.Model);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.LCurly);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.modelInput) },
        { ALT: () => this.SUBRULE(this.letStatement) },
        { ALT: () => this.SUBRULE(this.modelOutput) },
      ]),
    );
    this.CONSUME(t.RCurly);
  });

  modelInput: Rule = this.RULE('modelInput', () => {
    this.CONSUME(t.Input);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
  });

  modelOutput: Rule = this.RULE('modelOutput', () => {
    this.CONSUME(t.Output);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Bind);
    this.SUBRULE(this.expression);
  });
}
