/** The documents that are open, by the URIs that the compiler knows. */
import { TextDocuments, type Connection } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Buffer } from './overlay-host.ts';
import { normalizeUri } from './uris.ts';

export interface Documents {
  readonly bufferOf: (uri: string) => Buffer | undefined;
  /** The URIs of all open documents. */
  readonly uris: () => readonly string[];
  /** The client's spelling of a URI where it has one, else the same. */
  readonly clientUri: (uri: string) => string;
}

export interface DocumentEvents {
  readonly opened: (uri: string) => void;
  readonly changed: (uri: string) => void;
  readonly saved: (uri: string) => void;
  readonly closed: (clientUri: string) => void;
}

/** Follows the client's documents; edits arrive as pieces, positions count UTF-16 code units. */
export function followDocuments(connection: Connection, events: DocumentEvents): Documents {
  const documents = new TextDocuments(TextDocument);
  const clientUris = new Map<string, string>();
  documents.onDidOpen(({ document }) => {
    const uri = normalizeUri(document.uri);
    clientUris.set(uri, document.uri);
    events.opened(uri);
  });
  documents.onDidChangeContent(({ document }) => events.changed(normalizeUri(document.uri)));
  documents.onDidSave(({ document }) => events.saved(normalizeUri(document.uri)));
  documents.onDidClose(({ document }) => {
    const uri = normalizeUri(document.uri);
    clientUris.delete(uri);
    events.closed(document.uri);
  });
  documents.listen(connection);
  const clientUri = (uri: string): string => clientUris.get(uri) ?? uri;
  return {
    bufferOf: (uri) => {
      const document = documents.get(clientUri(uri));
      return document && { text: document.getText(), version: document.version };
    },
    uris: () => [...clientUris.keys()],
    clientUri,
  };
}
