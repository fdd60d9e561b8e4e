/** What pages of applications load from /inc/, as files below dist/inc/: our own from web/inc/, others from packages. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { writeFileAtomic } from './files.mjs';
import { root } from './root.mjs';

const OWN = 'web/inc';

/** Packages with files in /inc/; a build names their licences. */
export const ASSET_PACKAGES = ['jquery', 'jquery-ui', 'bootstrap', 'popper.js'].map(
  (name) => `node_modules/${name}`,
);

/** Name below /inc/ → file of a package. */
const COPIED = {
  'jquery.min.js': 'jquery/dist/jquery.min.js',
  'bootstrap.min.css': 'bootstrap/dist/css/bootstrap.min.css',
  'bootstrap.min.css.map': 'bootstrap/dist/css/bootstrap.min.css.map',
  'bootstrap.min.js': 'bootstrap/dist/js/bootstrap.min.js',
  'bootstrap.min.js.map': 'bootstrap/dist/js/bootstrap.min.js.map',
  'popper.min.js': 'popper.js/dist/umd/popper.min.js',
  'popper.min.js.map': 'popper.js/dist/umd/popper.min.js.map',
  'jquery-ui/jquery-ui.js': 'jquery-ui/dist/jquery-ui.js',
  'jquery-ui/jquery-ui.min.js': 'jquery-ui/dist/jquery-ui.min.js',
  'jquery-ui/jquery-ui.css': 'jquery-ui/dist/themes/base/jquery-ui.css',
  'jquery-ui/jquery-ui.min.css': 'jquery-ui/dist/themes/base/jquery-ui.min.css',
};

const UI_IMAGES = 'jquery-ui/dist/themes/base/images';

/** Modules of jQuery UI that make its widget factory; each of them is a plain script. */
const WIDGET_FACTORY = ['jquery-ui/ui/version.js', 'jquery-ui/ui/widget.js'];

/** Makes `target` anew, with nothing in it of an earlier build. Throws when a source is missing or wrong. */
export async function buildPageAssets(target) {
  const files = new Map();
  for (const [name, source] of Object.entries(COPIED)) files.set(name, readPackage(source));
  for (const name of readdirSync(join(root, 'node_modules', UI_IMAGES)))
    files.set(`jquery-ui/images/${name}`, readPackage(`${UI_IMAGES}/${name}`));
  files.set('jquery.widget.js', Buffer.concat(WIDGET_FACTORY.map(readPackage)));
  for (const name of readdirSync(join(root, OWN, 'img'))) files.set(`img/${name}`, readOwn(`img/${name}`));
  for (const name of readdirSync(join(root, OWN)))
    if (extname(name) === '.css') files.set(name, readOwn(name));
  for (const [name, script] of await ownScripts()) files.set(name, script);

  for (const [name, content] of files) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileAtomic(join(target, name), content);
  }
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(path.slice(target.length + 1).replaceAll('\\', '/'))) rmSync(path);
  }
}

/** Each module directly in web/inc/ is one script: with what it imports, and without exports. */
async function ownScripts() {
  const { build } = await import('esbuild');
  const entries = readdirSync(join(root, OWN)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
  );
  const result = await build({
    absWorkingDir: root,
    entryPoints: entries.map((name) => `${OWN}/${name}`),
    bundle: true,
    format: 'iife',
    target: 'es2020',
    outdir: 'out',
    banner: { js: '/* Part of Weir, Apache-2.0. */' },
    charset: 'utf8',
    logLevel: 'warning',
    write: false,
  });
  return entries.map((name, i) => [name.replace(/\.ts$/, '.js'), result.outputFiles[i].contents]);
}

function readPackage(path) {
  return readFileSync(join(root, 'node_modules', path));
}

function readOwn(path) {
  return readFileSync(join(root, OWN, path));
}
