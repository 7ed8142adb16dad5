/** Encoders and heads for whatever a loss or a metric may be given: what a check lets through, a run has to carry out. */
export const measuredParts = `import { last, linear, softmax } from "std/nn"
import { truncate } from "std/text"
labels Kind = ["a", "b", "c", "d"]
contract Both = f32[batch, 32]
contract Two { scores: f32[batch, 4]  shares: f32[batch, Kind] where range [0, 1] }
part first(z: Both) -> f32[batch, 16] { z |> truncate(to: 16) }
adapter Old(z: Both) -> f32[batch, 16] { z |> last(n: 16) }
adapter New(z: Both) -> f32[batch, 16] { first(z) }
part Shares(e: f32[batch, 16]) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 { e |> truncate(to: 4) |> softmax }
part One(e: f32[batch, 16]) -> f32[batch] where range [0, 1] { onnx.Sigmoid(onnx.ReduceMean(e, axes: [1], keepdims: false)) }
part Double(e: f32[batch, 16]) -> f64[batch, 4] where range [0, 1] { onnx.Cast(e |> truncate(to: 4) |> softmax, to: f64) }
part Pair(e: f32[batch, 16]) -> Two { { scores: e |> truncate(to: 4), shares: Shares(e) } }`;
