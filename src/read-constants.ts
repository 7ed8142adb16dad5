/** The bytes of constants in foreign files, read when they are asked for; files stay open until `close`. */
import type { ByteSource, Host } from './host/host.ts';
import type { Tensor } from './ir/graph.ts';

export interface Constants {
  /** Undefined where the file cannot be read; whoever asks does without. */
  readonly read: (tensor: Tensor) => Uint8Array | undefined;
  readonly close: () => void;
}

export function openConstants(host: Host): Constants {
  const sources = new Map<string, ByteSource | undefined>();
  const sourceOf = (uri: string): ByteSource | undefined => {
    if (sources.has(uri)) return sources.get(uri);
    const opened = host.open(uri);
    sources.set(uri, opened.ok ? opened.value : undefined);
    return sources.get(uri);
  };
  return {
    read: ({ bytes }) => {
      if (bytes === undefined || bytes instanceof Uint8Array) return bytes;
      try {
        return sourceOf(bytes.uri)?.read(bytes.offset, bytes.length);
      } catch {
        // The file has become unreadable: that is told where it is needed, here nothing is known of it.
        return undefined;
      }
    },
    close: () => sources.forEach((source) => source?.close()),
  };
}
