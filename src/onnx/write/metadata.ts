/** The metadata of a composed file: ours, then that of the linked files. */
import type { LinkPlan } from './link-plan.ts';
import { metadataPrefix } from '../read/metadata-lines.ts';
import { claimName } from '../names.ts';
import { record, type Piece } from './pieces.ts';
import { encodeEntry } from './proto.ts';
import { modelField } from '../schema.ts';
import { sealKey } from './seal.ts';

/** Equal lines are written once; a key with two values gets the name of the later link before it. */
export function metadataPieces(plans: readonly LinkPlan[], ours: Readonly<Record<string, string>>): readonly Piece[] {
  const written = new Map(Object.entries(ours));
  const pieces = [...written].flatMap(([key, value]) => record(modelField.metadataProps, [encodeEntry(key, value)]));
  const files = new Set<string>();
  for (const { link, file } of plans) {
    if (files.has(file.uri)) continue;
    files.add(file.uri);
    for (const { key, value, start, end } of file.layout.metadata) {
      if (key === sealKey || written.get(key) === value) continue;
      const isTaken = written.has(key) || key.startsWith(metadataPrefix);
      const free = isTaken ? claimName(`${link.name}/${key}`, (name) => written.has(name)) : key;
      written.set(free, value);
      if (free === key) pieces.push({ uri: file.uri, offset: start, length: end - start });
      else pieces.push(...record(modelField.metadataProps, [encodeEntry(free, value)]));
    }
  }
  return pieces;
}
