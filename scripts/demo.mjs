/** `npm run demo`: the main job on a real model. */
import { run } from '../examples/glosses/run.mjs';

await run();
