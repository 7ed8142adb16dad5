/** Which tensors hold pictures. */
import type { ManifestTensor } from './manifest.ts';

/** Where the axes of a tensor of pixels are. */
export interface PixelLayout {
  readonly channels: 1 | 3 | 4;
  /** Undefined where there is no axis for them, or none for several pictures. */
  readonly channelAxis: number | undefined;
  readonly batchAxis: number | undefined;
}

/** How a tensor holds pictures: bytes with axes for height and width, and maybe for channels and several pictures. Undefined for any other. */
export function layoutOf({ dtype, dims }: ManifestTensor): PixelLayout | undefined {
  if (dtype !== 'u8' || dims.length < 2 || dims.length > 4) return undefined;
  const labelled = (label: string): number => dims.findIndex((dim) => dim.label === label);
  const channelsAt = (axis: number): 1 | 3 | 4 | undefined => ([1, 3, 4] as const).find((count) => dims[axis]?.size === count);
  const [height, width, own] = [labelled('H'), labelled('W'), labelled('C')];
  if (height >= 0 && width > height) {
    const channels = own < 0 ? 1 : channelsAt(own);
    const rest = dims.length - (own < 0 ? 2 : 3);
    return channels === undefined || rest > 1 ? undefined : { channels, channelAxis: own < 0 ? undefined : own, batchAxis: rest === 1 ? 0 : undefined };
  }
  // Without labels: what is common.
  if (dims.length !== 4) return undefined;
  const axis = channelsAt(3) === undefined ? 1 : 3;
  const channels = channelsAt(axis);
  return channels === undefined ? undefined : { channels, channelAxis: axis, batchAxis: 0 };
}
