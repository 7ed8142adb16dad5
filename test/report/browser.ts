/** A page in Debian's chromium, looked at over the DevTools protocol on a pipe: no package, no port. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const program = '/usr/bin/chromium';
/** Why pages are not looked at; undefined where they are. */
export const noBrowser = existsSync(program) ? undefined : `no ${program}: reports are not looked at (apt-get install --no-install-recommends chromium)`;

type Params = Readonly<Record<string, unknown>>;
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

export interface Media {
  readonly scheme: 'light' | 'dark';
  readonly media?: 'screen' | 'print';
  readonly width?: number;
}

export interface Page {
  /** The value of an expression in the page, as JSON. */
  evaluate<T>(expression: string): Promise<T>;
  look(media: Media): Promise<void>;
  /** What a screen reader is told of pictures. */
  pictures(): Promise<readonly string[]>;
  pdf(): Promise<Buffer>;
  close(): Promise<void>;
  /** What the page asked for besides itself, and what it complained of. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

/** Opens the page in a browser of its own; the caller closes it. */
export async function openInBrowser(html: string): Promise<Page> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-browser-'));
  const file = path.join(folder, 'page.html');
  writeFileSync(file, html);
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', `--user-data-dir=${path.join(folder, 'profile')}`, '--remote-debugging-pipe'];
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const { send, ...page } = await openPage(pathToFileURL(file).href, child.stdio[3] as Writable, child.stdio[4] as Readable);
  return {
    ...page,
    close: async () => {
      await send('Browser.close');
      await ended;
      // Helpers of the browser may still be writing.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

async function openPage(url: string, input: Writable, output: Readable) {
  const requests: string[] = [];
  const complaints: string[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, () => void>();
  const events: Readonly<Record<string, (params: Params) => void>> = {
    'Network.requestWillBeSent': ({ request }) => void requests.push((request as { url: string }).url),
    'Runtime.consoleAPICalled': ({ type, args }) => void complaints.push(`${String(type)}: ${JSON.stringify(args)}`),
    'Runtime.exceptionThrown': ({ exceptionDetails }) => void complaints.push(JSON.stringify(exceptionDetails)),
    'Log.entryAdded': ({ entry }) => void complaints.push(JSON.stringify(entry)),
  };
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop()!;
    for (const one of messages) {
      const message = JSON.parse(one) as Message;
      if (message.id !== undefined) waiting.get(message.id)?.(message);
      else {
        events[message.method!]?.(message.params!);
        listeners.get(message.method!)?.();
      }
    }
  });
  let count = 0;
  let session: Params = {};
  const send = async (method: string, params: Params = {}): Promise<Params> => {
    const id = (count += 1);
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result!;
  };
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  // What it answers with is what every later message has to name.
  session = await send('Target.attachToTarget', { targetId, flatten: true });
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await send(`${domain}.enable`);
  const loaded = new Promise<void>((resolve) => listeners.set('Page.loadEventFired', resolve));
  await send('Page.navigate', { url });
  await loaded;
  const data = async (method: string, params: Params = {}): Promise<Buffer> => Buffer.from((await send(method, params))['data'] as string, 'base64');
  return {
    send,
    requests,
    complaints,
    evaluate: async <T>(expression: string): Promise<T> => {
      const { result, exceptionDetails } = (await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })) as { result: { value: T }; exceptionDetails?: unknown };
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    },
    look: async ({ scheme, media = 'screen', width = 1280 }: Media): Promise<void> => {
      await send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
      await send('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] });
    },
    pictures: async () => {
      const { nodes } = (await send('Accessibility.getFullAXTree')) as { nodes: readonly { readonly ignored: boolean; readonly role?: { readonly value: string }; readonly name?: { readonly value: string } }[] };
      return nodes.flatMap(({ ignored, role, name }) => (!ignored && role?.value === 'image' ? [name?.value ?? ''] : []));
    },
    pdf: () => data('Page.printToPDF', { printBackground: true, paperWidth: 8.27, paperHeight: 11.69 }),
  };
}
