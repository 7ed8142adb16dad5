/** A `node_modules` for fixtures and pages: packages with modules, without, and in two copies. */
const json = (value: unknown): string => JSON.stringify(value);

/** A package whose module declares the space `shared`. */
const shared = (folder: string, version: string, space: string): Record<string, string> => ({
  [`${folder}/package.json`]: json({ name: 'shared', version, mdl: './shared.mdl' }),
  [`${folder}/shared.mdl`]: `space shared @ ${space}\ncontract Shared = f32[batch, 8] where space shared\n`,
});
const user = (name: string, contract: string): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: json({ name, mdl: './main.mdl' }),
  [`node_modules/${name}/main.mdl`]: `import { Shared } from "shared"\ncontract ${contract} = Shared\n`,
});

export const packages: Readonly<Record<string, string>> = {
  'node_modules/encoders/package.json': json({
    name: 'encoders',
    version: '1.2.0',
    exports: { '.': { import: './index.js', mdl: './src/main.mdl' }, './heads/*': { mdl: './src/heads/*.mdl', default: './heads/*.js' }, './away': { mdl: '../../main.mdl' } },
  }),
  'node_modules/encoders/src/main.mdl': 'space sentences @ 1.0.0\ncontract Sentence = f32[batch, 8] where space sentences\n',
  'node_modules/encoders/src/heads/polarity.mdl': 'import { Sentence } from "../main.mdl"\npart polarity(x: Sentence) -> f32[batch, 8] {\n  x * 2\n}\n',
  'node_modules/@acme/plain/package.json': json({ name: '@acme/plain', main: './index.js' }),
  'node_modules/@acme/plain/extra.mdl': 'part twice(x: float[..., n]) -> float[..., n] {\n  x * 2\n}\n',
  'node_modules/broken/package.json': '{ "name": ',
  ...user('first-user', 'First'),
  ...user('second-user', 'Second'),
  ...user('third-user', 'Third'),
  ...shared('node_modules/shared', '1.0.0', '1.0.0'),
  ...shared('node_modules/second-user/node_modules/shared', '2.0.0', '1.0.0'),
  ...shared('node_modules/third-user/node_modules/shared', '3.0.0', '3.0.0'),
};
