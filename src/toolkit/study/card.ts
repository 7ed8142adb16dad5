/** What the source says of what a run speaks of: doc comments, cards, versions, and where learned weights come from. */
import type { CheckedModel } from '../../check/model.ts';
import { isRecord, parseJson } from '../../data/json.ts';
import { readSafetensors } from '../../data/safetensors.ts';
import type { Host } from '../../host/host.ts';
import { resolvePath } from '../../names/paths.ts';
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl, ModelDecl, PartDecl } from '../../syntax/ast.ts';
import { relativePath } from '../../text/paths.ts';
import type { Evidence, Fact } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import type { Type } from '../../types/type.ts';
import type { Table } from '../data/table.ts';
import type { CardStudy } from './study.ts';

export interface CardRequest {
  /** Those that the declaration names, in its order. */
  readonly parts: readonly Symbol<PartDecl | BackboneDecl | ModelDecl>[];
  /** Those that were run. */
  readonly models: readonly CheckedModel[];
  /** What parts give, by their names. */
  readonly results: readonly (readonly [part: string, type: Type])[];
  readonly learned: readonly Symbol[];
  readonly tables: readonly (readonly [uri: string, table: Table])[];
  /** The module that declares it all: files are told by their paths from it, which are the same on every machine. */
  readonly source: string;
}

export function cardOf({ parts, models, results, learned, tables, source }: CardRequest, host: Host): CardStudy {
  const digestOf = (uri: string): string => {
    const digest = host.sha256(uri);
    return digest.ok ? digest.value : '';
  };
  const backbones = new Map(models.flatMap((model) => model.backbones.map((backbone) => [`${backbone.name} ${backbone.uri}`, backbone] as const)));
  return {
    parts: [...new Set(parts)].map(({ name, declaration }) => ({ name, role: roleOf(declaration), ...described(declaration) })),
    known: results.flatMap(([of, type]) => (type.kind === 'tensor' ? type.facts.map((fact) => ({ of, fact: showStatement(fact), ...groundsOf(fact) })) : [])),
    backbones: [...backbones.values()].map(({ name, uri, version, doc, card }) => ({
      name,
      ...(version === undefined ? {} : { version }),
      ...(doc === undefined ? {} : { doc }),
      file: relativePath(uri, source),
      sha256: digestOf(uri),
      card: Object.fromEntries(card),
    })),
    learned: learned.flatMap((part) => {
      const uri = weightsOf(part);
      return uri === undefined ? [] : [{ part: part.name, file: relativePath(uri, source), sha256: digestOf(uri), record: recordOf(uri, host) }];
    }),
    data: tables.map(([uri, { digest, rows }]) => ({ file: relativePath(uri, source), sha256: digest, rows })),
  };
}

const groundsOf = ({ evidence, because }: Fact): { readonly evidence: Evidence; readonly because?: string } => ({ evidence, ...(evidence === 'measured' && because !== undefined ? { because } : {}) });

const roleOf = (declaration: PartDecl | BackboneDecl | ModelDecl): string =>
  declaration.kind === 'BackboneDecl' ? 'backbone' : declaration.kind === 'ModelDecl' ? 'model' : declaration.role;

function described(declaration: PartDecl | BackboneDecl | ModelDecl): { readonly version?: string; readonly doc?: string } {
  const version = 'version' in declaration ? declaration.version?.text : undefined;
  return { ...(version === undefined ? {} : { version }), ...(declaration.doc === undefined ? {} : { doc: declaration.doc }) };
}

function weightsOf({ declaration, module }: Symbol): string | undefined {
  const path = declaration.kind === 'PartDecl' ? declaration.weights?.path.value : undefined;
  return path === undefined ? undefined : resolvePath(path, module.uri);
}

/** What a fit wrote of the weights into their file. */
function recordOf(uri: string, host: Host): Readonly<Record<string, unknown>> {
  const source = host.open(uri);
  if (!source.ok) return {};
  try {
    const file = readSafetensors(source.value);
    const record = file.ok ? parseJson(file.value.metadata['mdl.fit'] ?? '') : undefined;
    return record?.ok && isRecord(record.value) ? record.value : {};
  } finally {
    source.value.close();
  }
}
