import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const noticeFile = /^(licen[cs]e|notice|copying|third-?party-?notices)(\.\w+)?$/i;

/**
 * A rolldown plugin: `licences.txt`, the licence texts of the packages whose code went into the bundle. Fails where
 * a package has none.
 *
 * @returns {import('rolldown').Plugin}
 */
export function licenceNotices() {
  return {
    name: 'licence-notices',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: noticesOf(modules) });
    },
  };
}

/** The licence texts of the packages that hold these modules. @param {readonly string[]} modules their paths */
export function noticesOf(modules) {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  return [preface, ...sections(folders)].join('\n');
}

const preface = 'The files beside this one contain code of these packages.\n';

/** The folder of the innermost package below node_modules that holds a module, or undefined for our own code. */
function packageFolder(id) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id.replace(/^\0/, ''))?.[0];
}

/** One section a licence text, headed by the packages that have it. */
function sections(folders) {
  const packagesByText = new Map();
  for (const folder of folders) {
    const { name, text } = licenceOf(folder);
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), name].sort());
  }
  const section = ([text, names]) => `${'-'.repeat(80)}\n${names.join('\n')}\n\n${text}\n`;
  return [...packagesByText].map(section).sort();
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => noticeFile.test(file)).sort();
  if (files.length === 0) throw new Error(`${name} has no licence text`);
  const texts = files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  return { name: `${name} ${version} (${license})`, text: texts.join('\n\n') };
}
