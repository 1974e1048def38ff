// Builds what the browser gets: one style sheet, a script for all pages and one for the door, two fonts and an icon, each under a name that holds its
// hash, beside compressed forms, and a manifest that tells the application those names. Needs no network.

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import * as esbuild from 'esbuild';
import postcss from 'postcss';
import { PurgeCSS } from 'purgecss';
import subsetFont from 'subset-font';

const here = path.dirname(fileURLToPath(import.meta.url));
const source = (name) => path.join(here, name);
const target = path.join(here, '..', 'nextevents', 'static');
const kern = path.dirname(createRequire(import.meta.url).resolve('@kern-ux/native/package.json'));

// color-mix() and :has() are the newest things KERN itself asks of a browser.
const browsers = ['chrome111', 'edge111', 'firefox121', 'safari16.4'];

const between = (first, last) => String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
const letters = [
  between(0x20, 0x7e),
  between(0xa0, 0xff),
  between(0x100, 0x17f), // Latin Extended-A: names from all over the Union, Turkish among them
  between(0x1ea0, 0x1ef9), // Vietnamese
  'ƒƠơƯưǍǎȘșȚțẞ',
  '–—‘’‚“”„†•…‰‹›\u202f€™−·★←→↑↓✓',
].join('');

const hashed = (name, content) => {
  const { name: stem, ext } = path.parse(name);
  return `${stem}.${createHash('sha256').update(content).digest('hex').slice(0, 10).toUpperCase()}${ext}`;
};

/** KERN's style sheet without what no template uses, its unused tokens included. */
async function reducedKern() {
  // We use none of KERN's levels, so what depends on the level is simply the colour of the ground level.
  const whole = (await readFile(path.join(kern, 'dist', 'kern.css'), 'utf8'))
    .replaceAll('--kern-color-layout-layer-surface-contextual', '--kern-color-layout-background-default-surface-contextual')
    .replace(/var\((--kern-[\w-]+?),?-contextual(?:,[^()]*)?\)/g, 'var($1)');
  const [{ css }] = await new PurgeCSS().purge({
    css: [{ raw: whole }],
    // Only these write KERN's class names.
    content: ['base.html', 'ui/*.html'].map((name) => path.join(here, '..', 'nextevents', 'templates', name)),
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    safelist: { greedy: [/data-kern-theme/] },
    keyframes: true,
  });
  const sheet = postcss.parse(css);
  sheet.walkComments((comment) => comment.remove());

  const own = await Promise.all(
    (await readdir(source('css'))).map((name) => readFile(path.join(here, 'css', name), 'utf8')),
  );
  const names = (text) => [...text.matchAll(/var\(\s*(--[\w-]+)/g)].map((match) => match[1]);
  const definitions = new Map();
  const wanted = own.flatMap(names);
  sheet.walkDecls((declaration) => {
    if (declaration.prop.startsWith('--')) {
      definitions.set(declaration.prop, [...(definitions.get(declaration.prop) ?? []), ...names(declaration.value)]);
    } else {
      wanted.push(...names(declaration.value));
    }
  });
  const used = new Set();
  while (wanted.length > 0) {
    const name = wanted.pop();
    if (!used.has(name)) {
      used.add(name);
      wanted.push(...(definitions.get(name) ?? []));
    }
  }
  sheet.walkDecls((declaration) => {
    if (declaration.prop.startsWith('--') && !used.has(declaration.prop)) declaration.remove();
  });
  sheet.walkRules((rule) => {
    if (rule.nodes.length === 0) rule.remove();
  });
  return sheet.toString();
}

const kernPlugin = {
  name: 'kern',
  setup(build) {
    build.onResolve({ filter: /^@kern-ux\/native$/ }, () => ({ path: 'kern.css', namespace: 'kern' }));
    build.onLoad({ filter: /.*/, namespace: 'kern' }, async () => ({ contents: await reducedKern(), loader: 'css' }));
  },
};

async function bundle(entry, more = {}) {
  const result = await esbuild.build({
    entryPoints: [source(entry)],
    bundle: true,
    minify: true,
    write: false,
    target: browsers,
    legalComments: 'inline',
    logLevel: 'warning',
    ...more,
  });
  return result.outputFiles[0].text;
}

async function font(style) {
  const whole = await readFile(path.join(kern, 'dist', 'fonts', 'fira-sans', `FiraSans-${style}.woff2`));
  return subsetFont(whole, letters, { targetFormat: 'woff2', keepFeatures: ['kern', 'liga', 'tnum'] });
}

const files = new Map();
const manifest = {};
const add = (name, content) => {
  manifest[name] = hashed(name, content);
  files.set(manifest[name], Buffer.from(content));
  return manifest[name];
};

const [regular, semibold, style, script, door, icon] = await Promise.all([
  font('Regular'),
  font('SemiBold'),
  bundle('style.css', { plugins: [kernPlugin], external: ['*.woff2'] }),
  bundle('site.js', { format: 'iife' }),
  bundle('check_in.js', { format: 'iife' }),
  readFile(source('favicon.svg'), 'utf8'),
]);
const fonts = {
  'fira-sans-400.woff2': add('fira-sans-400.woff2', regular),
  'fira-sans-600.woff2': add('fira-sans-600.woff2', semibold),
};
add('style.css', style.replace(/fira-sans-[46]00\.woff2/g, (name) => fonts[name]));
add('site.js', script);
add('check_in.js', door);
add('favicon.svg', icon);

for (const [name, content] of [...files]) {
  if (/\.(css|js|svg)$/.test(name)) {
    files.set(`${name}.gz`, gzipSync(content, { level: 9 }));
    files.set(`${name}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  }
}

// The manifest changes last and at once, so a running application never reads of a file that is not there yet.
await mkdir(target, { recursive: true });
await Promise.all([...files].map(([name, content]) => writeFile(path.join(target, name), content)));
await writeFile(path.join(target, 'manifest.json.new'), `${JSON.stringify(manifest, null, 2)}\n`);
await rename(path.join(target, 'manifest.json.new'), path.join(target, 'manifest.json'));
for (const name of await readdir(target)) {
  if (!files.has(name) && name !== 'manifest.json') await rm(path.join(target, name), { recursive: true });
}

for (const [name, content] of files) {
  console.log(`${String((content.length / 1000).toFixed(1)).padStart(7)} kB  ${name}`);
}
