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
   * they are not in theirs. In place of the body may stand a file, or nothing behind `= learned`.
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
    this.OR3([
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.partSource) },
      {
        ALT: () => {
          this.CONSUME(t.Bind);
          this.CONSUME(t.Learned);
          this.OPTION2(() => this.SUBRULE2(this.block));
        },
      },
    ]);
  });

  /** `source "./head.onnx" from { x: "embedding" } to { score: "logits" }` */
  partSource: Rule = this.RULE('partSource', () => {
    this.CONSUME(t.Source);
    this.CONSUME(t.StringLiteral);
    this.OPTION(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.fileNames);
    });
    this.OPTION2(() => {
      this.CONSUME(t.To);
      this.SUBRULE2(this.fileNames);
    });
  });

  /** `"input_ids"`, or `{ ids: "input_ids" }` */
  fileNames: Rule = this.RULE('fileNames', () => {
    this.OR([{ ALT: () => this.CONSUME(t.StringLiteral) }, { ALT: () => this.SUBRULE(this.nameMap) }]);
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
    this.OPTION(() => {
      this.CONSUME(t.Bind);
      this.SUBRULE(this.expression);
    });
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
        { ALT: () => this.SUBRULE(this.state) },
        { ALT: () => this.SUBRULE(this.next) },
        { ALT: () => this.SUBRULE(this.budget) },
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

  /** `state h: f32[2, batch, 128] = 0` */
  state: Rule = this.RULE('state', () => {
    this.CONSUME(t.State);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.CONSUME(t.Bind);
    this.SUBRULE(this.expression);
  });

  next: Rule = this.RULE('next', () => {
    this.CONSUME(t.Next);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Bind);
    this.SUBRULE(this.expression);
  });

  /** `budget { latency.p99 <= 20ms on "cpu"  bytes <= 5% }` */
  budget: Rule = this.RULE('budget', () => {
    this.CONSUME(t.Budget);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.budgetEntry));
    this.CONSUME(t.RCurly);
  });

  budgetEntry: Rule = this.RULE('budgetEntry', () => {
    this.SUBRULE(this.comparison);
    this.OPTION(() => {
      this.CONSUME(t.On);
      this.CONSUME(t.StringLiteral);
    });
  });
}
