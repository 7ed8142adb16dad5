/** The tensors that inputs are to become. */
import type { ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { carrierOf, isCarried, isDType, type CarriedDType } from '../../types/dtype.ts';
import { raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';

/** The tensor that a value is to become, and what it is called: `tokens.ids`. */
export interface Target {
  readonly field: string;
  readonly contract: string | undefined;
  readonly spec: ManifestTensor;
  readonly dtype: CarriedDType;
}

export interface Given {
  readonly target: Target;
  readonly tensor: RawTensor;
}

/** Raises for a dtype that cannot cross the boundary. */
export function targetOf(field: string, contract: string | undefined, spec: ManifestTensor): Target {
  const { dtype } = spec;
  if (isCarried(dtype)) return { field, contract, spec, dtype };
  raise(runtimeCodes.finding('input-dtype', { field, contract, expected: dtype, found: undefined, carrier: carrierIn(dtype) }));
}

const carrierIn = (dtype: string): string | undefined => (isDType(dtype) ? carrierOf(dtype) : undefined);

/** Raises for an output or a state that cannot cross it: ONNX Runtime does not load such a model, and says no more than a number. */
export function refuseUncarried(ports: readonly ManifestPort[]): void {
  for (const port of ports) {
    for (const [field, { dtype }] of fieldsOf(port)) {
      if (!isCarried(dtype)) raise(runtimeCodes.finding('output-dtype', { field, contract: port.contract, found: dtype, carrier: carrierIn(dtype) }));
    }
  }
}

/** The tensors of a port and what each is called. */
export const fieldsOf = (port: ManifestPort): readonly (readonly [field: string, spec: ManifestTensor])[] =>
  port.tensor
    ? [[port.name, port.tensor]]
    : Object.entries(port.fields ?? {}).map(([key, spec]) => [`${port.name}.${key}`, spec]);

export const hasFact = (spec: ManifestTensor, kind: string): boolean => spec.facts.some((fact) => fact.kind === kind);
