/** The compiler as a library: what build tools and editors embed. Apps that only run models want `mdl-lang/runtime`. */
export { createCompiler, type Compilation, type Compiler } from './compile.ts';
export type { CheckedModel, CheckedPort, ForeignUse, IdentityUse, Joint, OwnedParameter, OwnedWeights, Requirement, UnfittedModel } from './check/model.ts';
export { createBundle, type Bundle, type BundleContext } from './emit/index.ts';
export {
  diagnosticToJson,
  renderDiagnostic,
  renderDiagnostics,
  type Diagnostic,
  type Edit,
  type Finding,
  type Fix,
  type Label,
  type Outcome,
  type Severity,
} from './diagnostics/index.ts';
export type { ByteSource, FileStat, Host } from './host/host.ts';
export { createMemoryHost } from './host/memory.ts';
export { createNodeHost } from './host/node.ts';
export { writeBundle } from './host/write.ts';
export { readModel, type OnnxFile } from './onnx/index.ts';
export type { FileRange, Graph, Tensor, TensorInfo } from './ir/graph.ts';
export type { Manifest } from './bundle/manifest.ts';
export type { Location, Position, SourceText, Span } from './text/source.ts';
