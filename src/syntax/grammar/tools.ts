import * as t from '../tokens.ts';
import type { Rule } from './expressions.ts';
import { PartGrammar } from './parts.ts';

/** What is done with models: fitting, verifying, probing, rolling out. */
export class ToolGrammar extends PartGrammar {
  /** `fit`, `verify`, `probe` and `golden` share their members here; the builder says which of them has which. */
  tool: Rule = this.RULE('tool', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Fit) },
      { ALT: () => this.CONSUME(t.Verify) },
      { ALT: () => this.CONSUME(t.Probe) },
      { ALT: () => this.CONSUME(t.Golden) },
    ]);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.OR2([{ ALT: () => this.SUBRULE(this.letStatement) }, { ALT: () => this.SUBRULE(this.toolMember) }]));
    this.CONSUME(t.RCurly);
  });

  toolMember: Rule = this.RULE('toolMember', () => {
    this.OR([
      {
        // data d = "./pairs.jsonl"
        ALT: () => {
          this.CONSUME(t.Data);
          this.OPTION(() => {
            this.CONSUME(t.Identifier);
            this.CONSUME(t.Bind);
          });
          this.CONSUME(t.StringLiteral);
        },
      },
      {
        // loss info_nce(x, y)
        ALT: () => {
          this.OR2([{ ALT: () => this.CONSUME(t.Loss) }, { ALT: () => this.CONSUME(t.Method) }]);
          this.SUBRULE(this.expression);
        },
      },
      {
        // seed 7
        ALT: () => {
          this.OR3([{ ALT: () => this.CONSUME(t.Seed) }, { ALT: () => this.CONSUME(t.Tolerance) }]);
          this.CONSUME(t.NumberLiteral);
        },
      },
      {
        // freeze base, branch.down until 5
        ALT: () => {
          this.CONSUME(t.Freeze);
          this.SUBRULE2(this.expression);
          this.MANY2(() => {
            this.CONSUME2(t.Comma);
            this.SUBRULE3(this.expression);
          });
          this.OPTION2(() => {
            this.CONSUME(t.Until);
            this.CONSUME2(t.NumberLiteral);
          });
        },
      },
      {
        // through Encode, EncodeBge
        ALT: () => {
          this.OR4([{ ALT: () => this.CONSUME(t.Through) }, { ALT: () => this.CONSUME(t.Taps) }]);
          this.CONSUME2(t.Identifier);
          this.MANY(() => {
            this.CONSUME(t.Comma);
            this.CONSUME3(t.Identifier);
          });
        },
      },
      {
        // swap Encode with BgeEncode in Reviews
        ALT: () => {
          this.CONSUME(t.Swap);
          this.CONSUME4(t.Identifier);
          this.CONSUME(t.With);
          this.CONSUME5(t.Identifier);
          this.CONSUME(t.In);
          this.CONSUME6(t.Identifier);
        },
      },
      {
        // require accuracy(y, d.label) >= baseline - 2%
        ALT: () => {
          this.CONSUME(t.Require);
          this.SUBRULE(this.comparison);
        },
      },
    ]);
  });

  /** `rollout Production of Reviews { slot … }` */
  rollout: Rule = this.RULE('rollout', () => {
    this.CONSUME(t.Rollout);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Of);
    this.CONSUME2(t.Identifier);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.slot));
    this.CONSUME(t.RCurly);
  });

  slot: Rule = this.RULE('slot', () => {
    this.CONSUME(t.Slot);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.slotMember));
    this.CONSUME(t.RCurly);
  });

  slotMember: Rule = this.RULE('slotMember', () => {
    this.OR([
      {
        // arm TopicV1 90%
        ALT: () => {
          this.CONSUME(t.Arm);
          this.CONSUME(t.Identifier);
          this.CONSUME(t.QuantityLiteral);
        },
      },
      {
        // shadow TopicV3
        ALT: () => {
          this.CONSUME(t.Shadow);
          this.CONSUME2(t.Identifier);
        },
      },
      {
        // sticky by user
        ALT: () => {
          this.CONSUME(t.Sticky);
          this.CONSUME(t.By);
          this.CONSUME3(t.Identifier);
        },
      },
      {
        // flag "topic-v2" -> TopicV2
        ALT: () => {
          this.CONSUME(t.Flag);
          this.CONSUME(t.StringLiteral);
          this.CONSUME(t.Arrow);
          this.CONSUME4(t.Identifier);
        },
      },
      {
        // rollback to TopicV1 when error_rate > 1% over 500
        ALT: () => {
          this.CONSUME(t.Rollback);
          this.CONSUME(t.To);
          this.CONSUME5(t.Identifier);
          this.CONSUME(t.When);
          this.SUBRULE(this.comparison);
          this.OPTION(() => {
            this.CONSUME(t.Over);
            this.CONSUME(t.NumberLiteral);
          });
        },
      },
    ]);
  });
}
