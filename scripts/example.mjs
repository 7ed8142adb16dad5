/** `npm run example -- NAME`: runs one of the examples; without a name it lists them. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = path.join(path.dirname(import.meta.dirname), 'examples');
const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'run.mjs')));
const [name] = process.argv.slice(2);

if (names.includes(name)) {
  const { run } = await import(pathToFileURL(path.join(folder, name, 'run.mjs')).href);
  await run();
} else {
  console.error(name === undefined ? 'Which example? npm run example -- NAME' : `There is no example ${name}.`);
  console.error(`The examples are: ${names.join(', ')}.`);
  process.exitCode = 2;
}
