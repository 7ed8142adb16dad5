export { defineCodes, type CodeDefinition, type CodeTable, type Reporter } from './define.ts';
export {
  fail,
  locate,
  succeed,
  type Diagnostic,
  type Edit,
  type Finding,
  type Fix,
  type Label,
  type Outcome,
  type Place,
  type Result,
  type Severity,
} from './diagnostic.ts';
export { applyEdits } from './fix-preview.ts';
export { wantsColor } from './paint.ts';
export { diagnosticToJson, type JsonDiagnostic, type JsonOptions, type JsonPlace, type JsonPosition } from './render-json.ts';
export { inOrder, renderDiagnostic, renderDiagnostics, type TerminalOptions } from './render-terminal.ts';
export { countSeverities, hasErrors, plural, summarize, withCommas } from './summary.ts';
