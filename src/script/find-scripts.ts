import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readMetadata } from './metadata.ts';

/** A script to be run. */
export interface FoundScript {
  readonly key: string;
  /** From the working directory. */
  readonly path: string;
  readonly folder: string;
  /** Of which application; undefined: named by `script.file`. */
  readonly app: string | undefined;
}

export interface FoundApp {
  readonly name: string;
  readonly scripts: readonly string[];
  /** Folder of its pages, if it has any. */
  readonly pages: string | undefined;
}

export interface Found {
  readonly scripts: readonly FoundScript[];
  readonly apps: readonly FoundApp[];
  /** What is wrong, for the log. */
  readonly warnings: readonly string[];
}

const SCRIPT_NAME = /\.(?:js|ts)$/;

/** Applications that come with the program. */
export interface BundledApps {
  readonly folder: string;
  /** Those to be run. One of the same name in the user's folder takes its place. */
  readonly names: readonly string[];
}

const NO_BUNDLED: BundledApps = { folder: '', names: [] };

/** Scripts that were named, and those of the applications below a folder (script-api section 1) and of bundled ones. */
export function findScripts(files: readonly string[], appFolder: string, bundled = NO_BUNDLED): Found {
  const scripts = new Map<string, FoundScript>();
  const warnings: string[] = [];
  const add = (script: FoundScript): void => {
    const other = scripts.get(script.key);
    if (other === undefined) scripts.set(script.key, script);
    else warnings.push(`${script.path} is not run: ${other.path} has the name ${script.key} already`);
  };
  for (const path of files) add({ key: basename(path), path, folder: dirname(path), app: undefined });
  const places = new Map(foldersOf(appFolder).map((name) => [name, join(appFolder, name)]));
  for (const name of bundled.names) {
    const place = join(bundled.folder, name);
    if (places.has(name)) continue;
    if (isFolder(place)) places.set(name, place);
    else warnings.push(`app.bundled: there is no application ${name}`);
  }
  const apps = [...places].map(([name, place]) => {
    const folder = join(place, 'scripts');
    const found = filesOf(folder).map((file) => ({
      key: `${name}~${file}`,
      path: join(folder, file),
      folder,
      app: name,
    }));
    for (const script of found) add(script);
    const pages = join(place, 'html');
    return { name, scripts: found.map(({ key }) => key), pages: isFolder(pages) ? pages : undefined };
  });
  return {
    scripts: [...scripts.values()],
    apps: apps.filter(({ scripts: own, pages }) => own.length > 0 || pages !== undefined),
    warnings,
  };
}

/** An application as the command line shows it. */
export interface InstalledApp extends FoundApp {
  /** What the head of its first script says about it. */
  readonly about: Readonly<Record<string, string>>;
}

/** The applications below a folder. */
export function listApps(appFolder: string): InstalledApp[] {
  const { apps, scripts } = findScripts([], appFolder);
  return apps.map((app) => ({
    ...app,
    about: aboutOf(scripts.find((script) => script.app === app.name)?.path),
  }));
}

/** What the head of a script says about it; nothing for a file that cannot be read. */
export function aboutOf(path: string | undefined): Readonly<Record<string, string>> {
  try {
    return path === undefined ? {} : readMetadata(readFileSync(path, 'utf8')).about;
  } catch {
    return {};
  }
}

function foldersOf(path: string): string[] {
  return list(path).filter((name) => !name.startsWith('.') && isFolder(join(path, name)));
}

function filesOf(path: string): string[] {
  return list(path).filter(
    (name) =>
      SCRIPT_NAME.test(name) && !name.endsWith('.d.ts') && !name.startsWith('.') && isFile(join(path, name)),
  );
}

function list(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
