import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { ByteSource } from '../../host/host.ts';

/**
 * How a reader deep in the bytes gives up. Thrown and caught inside this room only: what the room exports answers
 * with an `Outcome`.
 */
export class Fault extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

/** The end of a file's path, enough to know it by: `use-lite/model.onnx`. */
export function fileName(uri: string): string {
  const [, path = uri] = /^[a-z][a-z0-9+.-]*:\/*(.*)$/i.exec(uri) ?? [];
  const tail = path.split('/').slice(-2).join('/');
  try {
    return decodeURIComponent(tail);
  } catch {
    return tail;
  }
}

/** A file's name in a message: the path that its host shows, else the end of its own. */
export const shownName = ({ shown, uri }: Pick<ByteSource, 'shown' | 'uri'>): string => shown ?? fileName(uri);
