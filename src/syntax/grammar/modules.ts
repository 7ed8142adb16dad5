import type { IParserConfig } from 'chevrotain';
import * as t from '../tokens.ts';
import type { Rule } from './expressions.ts';
import { ToolGrammar } from './tools.ts';

/** The whole grammar: modules, and the declarations that name things outside. */
export class ModuleGrammar extends ToolGrammar {
  constructor(config: IParserConfig) {
    super(config);
    this.performSelfAnalysis();
  }

  module: Rule = this.RULE('module', () => {
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.importClause) },
        { ALT: () => this.SUBRULE(this.declaration) },
      ]),
    );
  });

  declaration: Rule = this.RULE('declaration', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.space) },
      { ALT: () => this.SUBRULE(this.tokenizer) },
      { ALT: () => this.SUBRULE(this.labels) },
      { ALT: () => this.SUBRULE(this.attribute) },
      { ALT: () => this.SUBRULE(this.contract) },
      { ALT: () => this.SUBRULE(this.backbone) },
      { ALT: () => this.SUBRULE(this.part) },
      { ALT: () => this.SUBRULE(this.model) },
      { ALT: () => this.SUBRULE(this.tool) },
      { ALT: () => this.SUBRULE(this.rollout) },
    ]);
  });

  /** `import { a, b as c } from "std/nn"` */
  importClause: Rule = this.RULE('importClause', () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.SUBRULE(this.importName);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.importName);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RCurly);
    this.CONSUME(t.From);
    this.CONSUME(t.StringLiteral);
  });

  importName: Rule = this.RULE('importName', () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME2(t.Identifier);
    });
  });

  space: Rule = this.RULE('space', () => {
    this.CONSUME(t.Space);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.At);
      this.CONSUME(t.VersionLike);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Compatible);
      this.SUBRULE(this.versions);
    });
  });

  tokenizer: Rule = this.RULE('tokenizer', () => {
    this.CONSUME(t.Tokenizer);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.At);
      this.CONSUME(t.VersionLike);
    });
    this.OPTION2(() => {
      this.CONSUME(t.From);
      this.CONSUME(t.StringLiteral);
    });
  });

  labels: Rule = this.RULE('labels', () => {
    this.CONSUME(t.Labels);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Bind);
    this.CONSUME(t.LBracket);
    this.OPTION(() => {
      this.CONSUME(t.StringLiteral);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.CONSUME2(t.StringLiteral);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RBracket);
  });

  /** `attribute color { rgb, bgr, gray }` */
  attribute: Rule = this.RULE('attribute', () => {
    this.CONSUME(t.Attribute);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.LCurly);
    this.OPTION(() => {
      this.CONSUME2(t.Identifier);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.CONSUME3(t.Identifier);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RCurly);
  });

  contract: Rule = this.RULE('contract', () => {
    this.CONSUME(t.Contract);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.params));
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Bind);
          this.SUBRULE(this.type);
        },
      },
      { ALT: () => this.SUBRULE(this.record) },
    ]);
  });

  record: Rule = this.RULE('record', () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.recordField));
    this.CONSUME(t.RCurly);
  });

  recordField: Rule = this.RULE('recordField', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
  });

  backbone: Rule = this.RULE('backbone', () => {
    this.CONSUME(t.Backbone);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.At);
      this.CONSUME(t.VersionLike);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Bind);
      this.CONSUME2(t.Identifier);
      this.OPTION3(() => this.SUBRULE(this.weights));
    });
    this.CONSUME(t.LCurly);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.source) },
        { ALT: () => this.SUBRULE(this.backboneInput) },
        { ALT: () => this.SUBRULE(this.backboneOutput) },
        { ALT: () => this.SUBRULE(this.replace) },
        { ALT: () => this.SUBRULE(this.card) },
      ]),
    );
    this.CONSUME(t.RCurly);
  });

  source: Rule = this.RULE('source', () => {
    this.CONSUME(t.Source);
    this.CONSUME(t.StringLiteral);
  });

  backboneInput: Rule = this.RULE('backboneInput', () => {
    this.CONSUME(t.Input);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(t.Bind);
      this.SUBRULE(this.expression);
    });
    this.OPTION2(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.fileNames);
    });
  });

  /** `output hidden: T from "last_hidden_state"`, and a tap likewise. */
  backboneOutput: Rule = this.RULE('backboneOutput', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Output) }, { ALT: () => this.CONSUME(t.Tap) }]);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(t.From);
      this.CONSUME(t.StringLiteral);
    });
  });

  /** `replace layer4 = layer4 |> houlsby` */
  replace: Rule = this.RULE('replace', () => {
    this.CONSUME(t.Replace);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Bind);
    this.SUBRULE(this.expression);
  });

  card: Rule = this.RULE('card', () => {
    this.CONSUME(t.Card);
    this.CONSUME(t.LCurly);
    this.MANY(() => {
      this.CONSUME(t.Identifier);
      this.CONSUME(t.StringLiteral);
    });
    this.CONSUME(t.RCurly);
  });
}
