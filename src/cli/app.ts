import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { WeirError } from '../common/index.ts';
import { type InstalledApp, listApps } from '../script/index.ts';
import { configOf, takeProperties } from './arguments.ts';
import { parseOptions, usageError } from './decode-options.ts';
import { readTar } from './tar.ts';

const USAGE = `weir app add FOLDER|TARBALL [--name NAME]
weir app list
weir app remove NAME

Applications are folders below the property app.dir (app unless it is set): scripts in NAME/scripts/, pages in
NAME/html/. A running Weir takes them up when it is started again.

  FOLDER         is copied
  TARBALL        .tar, .tar.gz or .tgz, is unpacked; the folder in it is the application
  --name NAME    instead of the name of the folder
  -Dapp.dir=DIR  where the applications are
`;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
/** An archive that unpacks to more than this is refused. */
const MAX_UNPACKED_BYTES = 512 * 2 ** 20;

/** `weir app`. */
export async function run(args: string[]): Promise<number> {
  const taken = takeProperties(args);
  if (taken.rest.includes('--help') || taken.rest.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { values, positionals } = parseOptions(taken.rest, { name: { type: 'string' } });
  const [action, subject, ...more] = positionals;
  if (more.length > 0) throw usageError(`'${more[0]}' is one argument too many`);
  const folder = configOf(taken, process.env).string('app.dir');
  process.stdout.write(
    act(action, subject, typeof values['name'] === 'string' ? values['name'] : undefined, folder),
  );
  return 0;
}

function act(
  action: string | undefined,
  subject: string | undefined,
  name: string | undefined,
  folder: string,
): string {
  if (action === 'list' && subject === undefined) return describeApps(listApps(folder), folder);
  if (action === 'add' && subject !== undefined) {
    const added = addApp(subject, name, folder);
    return `${added} was added to ${folder}; a running Weir takes it up at its next start\n`;
  }
  if (action === 'remove' && subject !== undefined) {
    removeApp(subject, folder);
    return `${subject} was removed; a running Weir runs it until it ends\n`;
  }
  throw usageError('say add FOLDER|TARBALL, list, or remove NAME');
}

function describeApps(apps: readonly InstalledApp[], folder: string): string {
  if (apps.length === 0) return `there is no application in ${folder}\n`;
  const width = Math.max(...apps.map(({ name }) => name.length));
  return apps
    .map(({ name, scripts, pages, about }) => {
      const parts = [
        ...(about['version'] === undefined ? [] : [`version ${about['version']}`]),
        `${scripts.length} ${scripts.length === 1 ? 'script' : 'scripts'}`,
        ...(pages === undefined ? [] : ['pages']),
      ];
      return `${name.padEnd(width)}  ${parts.join(', ')}\n`;
    })
    .join('');
}

/** Whole or not at all: made beside, then renamed. Gives the name. */
function addApp(source: string, given: string | undefined, folder: string): string {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined) throw new WeirError('APP_BAD', `there is no ${source}`);
  const archive = stat.isDirectory() ? undefined : unpack(source);
  const name = given ?? archive?.folder ?? basename(resolve(source));
  if (!NAME.test(name))
    throw new WeirError('APP_BAD', `${name} cannot be the name of an application; --name gives another`);
  const target = join(folder, name);
  if (existsSync(target))
    throw new WeirError('APP_EXISTS', `${name} is there already: weir app remove ${name}`);
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, '.add-'));
  try {
    if (archive === undefined)
      cpSync(source, temporary, { recursive: true, filter: (path) => basename(path) !== '.git' });
    else
      for (const [path, content] of archive.files) {
        const file = join(temporary, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    if (!existsSync(join(temporary, 'scripts')) && !existsSync(join(temporary, 'html')))
      throw new WeirError('APP_BAD', `${source} is no application: it has neither scripts/ nor html/`);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  return name;
}

function removeApp(name: string, folder: string): void {
  if (!listApps(folder).some((app) => app.name === name))
    throw new WeirError('APP_BAD', `there is no application ${name} in ${folder}`);
  rmSync(join(folder, name), { recursive: true });
}

interface Archive {
  /** The one folder that everything is in. */
  readonly folder: string;
  /** Below it. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

function unpack(path: string): Archive {
  let bytes: Uint8Array = readFileSync(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
    } catch (cause) {
      throw new WeirError('APP_BAD', `${path} cannot be unpacked: ${(cause as Error).message}`, { cause });
    }
  }
  const files = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  for (const { path: inside, content } of readTar(bytes)) {
    const [top, ...rest] = inside.replace(/^(?:\.\/)+/, '').split('/');
    if (top === '' || rest.length === 0 || rest.some((part) => part === '' || part === '.' || part === '..'))
      throw new WeirError('APP_BAD', `${path} holds ${inside}, which is not in the folder of an application`);
    folders.add(top);
    files.set(rest.join('/'), content);
  }
  const [folder] = folders;
  if (folders.size !== 1 || folder === '..' || folder === '.')
    throw new WeirError('APP_BAD', `${path} has to hold one folder, the application`);
  return { folder, files };
}
