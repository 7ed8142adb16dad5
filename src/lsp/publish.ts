/** Diagnostics pushed to the client: a moment after the last change, for every document that it concerns. */
import type { Connection } from 'vscode-languageserver/node';
import { diagnostics } from '../ide/index.ts';
import type { Documents } from './documents.ts';
import type { Project } from './project.ts';
import { toDiagnostic } from './to-protocol.ts';

/** Milliseconds without a change after which a check begins. */
const pause = 100;

export interface Publisher {
  /** Checks the documents whose views are stale, soon. */
  schedule(): void;
  stop(): void;
}

export function createPublisher(connection: Connection, documents: Documents, project: () => Project, report: (error: unknown) => void): Publisher {
  let timer: NodeJS.Timeout | undefined;
  let round = 0;

  const publish = async (uri: string): Promise<void> => {
    const version = documents.bufferOf(uri)?.version;
    if (version === undefined) return;
    const found = diagnostics(await project().judged(uri), uri).map((d) => toDiagnostic(d, documents.clientUri));
    // Of a text that has changed meanwhile the next round tells.
    if (documents.bufferOf(uri)?.version !== version) return;
    await connection.sendDiagnostics({ uri: documents.clientUri(uri), version, diagnostics: found });
  };

  /** One document after another, so that requests and edits come through between them. */
  const publishStale = async (): Promise<void> => {
    const mine = ++round;
    for (const uri of documents.uris()) {
      if (!stale.has(uri)) continue;
      stale.delete(uri);
      try {
        await publish(uri);
      } catch (error) {
        report(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (mine !== round) return;
    }
  };
  const stale = new Set<string>();

  return {
    schedule: () => {
      // A request may make a view before the timer does, so staleness is noted now.
      for (const uri of documents.uris()) if (project().isStale(uri)) stale.add(uri);
      clearTimeout(timer);
      timer = setTimeout(() => void publishStale(), pause);
    },
    stop: () => clearTimeout(timer),
  };
}
