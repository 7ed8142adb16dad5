/**
 * A small service around the runtime: `node service.mjs BUNDLE` prints the address that it listens on.
 *
 * POST /classify { pictures, rows, key } answers { classes, versions }; the pictures' bytes in base64, one after the other.
 * POST /heads { do, … } moves heads: launch, promote, stop, swap, rollback. GET /heads tells how the arms do.
 */
import http from 'node:http';
import { load, topClass, versionsOf } from 'mdl-lang/runtime';

const side = 28;
const largestBody = 4 * 2 ** 20;

const model = await load(process.argv[2], { device: 'cpu', threads: 1 });
const events = [];
let rollout;

async function classify({ pictures, rows, key }, signal) {
  const bytes = Buffer.from(pictures, 'base64');
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const answer = await model.run({ pictures: { data, dims: [rows, side, side] } }, { outputs: ['clothes'], signal, ...(key === undefined ? {} : { key }) });
  return { classes: topClass(answer.clothes).map(({ index }) => index), versions: versionsOf(answer) };
}

const moves = {
  /** Carries out the rollout that a bundle declares. */
  async launch({ bundle, name, stages }) {
    const { slots } = await model.launch({ bundle, name, stages, onEvent: (event) => events.push(event) });
    rollout = slots.clothes;
    return rollout.arms;
  },
  promote: ({ arm }) => rollout.promote(arm),
  stop: () => rollout.stop(),
  swap: ({ bundle }) => model.swap('clothes', bundle),
  rollback: () => model.rollback('clothes'),
};

const routes = {
  'POST /classify': classify,
  'POST /heads': ({ do: move, ...rest }) => moves[move]?.(rest),
  'GET /heads': () => ({ memoryMB: Math.round(process.memoryUsage.rss() / 1e6), arms: rollout?.arms ?? [], shadowCost: rollout?.shadowCost, events: events.map(({ kind, arm: name, reason }) => ({ kind, arm: name, reason })) }),
};

async function readBody(request) {
  const pieces = [];
  let bytes = 0;
  for await (const piece of request) {
    pieces.push(piece);
    if ((bytes += piece.length) > largestBody) throw new Error(`a request has at most ${largestBody} bytes`);
  }
  return bytes === 0 ? {} : JSON.parse(Buffer.concat(pieces).toString());
}

const server = http.createServer(async (request, response) => {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const reply = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
  try {
    const route = routes[`${request.method} ${request.url}`];
    if (route === undefined) reply(404, { error: 'there is nothing here' });
    else reply(200, await route(await readBody(request), gone.signal));
  } catch (error) {
    // What the model refuses is the caller's to mend; its code says what.
    if (!response.destroyed) reply(400, { code: error.code, error: error.message });
  }
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await model.close();
});
