#!/usr/bin/env node
/**
 * Set-up of a checkout: `node scripts/ensure.mjs [install|build]` installs packages and builds, but only what is
 * missing or stale, and says one line on standard error about each step it takes.
 */
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isBuilt, isInstalled } from './lib/freshness.mjs';
import { root } from './lib/root.mjs';

const LINES_SHOWN = 15;
const lockPath = join(root, 'tmp', 'setup-lock');

/** Packages as package-lock.json names them. Throws SetupError. */
export async function ensureInstalled() {
  if (isInstalled(root)) return;
  await alone(async () => {
    if (isInstalled(root)) return;
    say('installing packages (npm ci), once');
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      failure: 'npm ci failed; it needs the npm registry or a filled npm cache',
    });
  });
}

/** dist/ from the sources as they are; packages first. Throws SetupError. */
export async function ensureBuilt() {
  await ensureInstalled();
  if (isBuilt(root)) return;
  await alone(async () => {
    if (isBuilt(root)) return;
    say('building');
    await run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--no-types'], {
      failure: 'the build failed',
    });
  });
}

/** A step of the set-up failed; the message says which, the step's own output has said why. */
export class SetupError extends Error {
  name = 'SetupError';
}

function say(text) {
  process.stderr.write(`weir: ${text}\n`);
}

/** Runs a command quietly; its output is shown only when it fails. */
function run(command, args, { failure }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => reject(new SetupError(`${failure} (${error.message})`)));
    child.on('close', (code) => {
      if (code === 0) return resolve();
      // The reason comes first; npm lets a page of advice follow.
      process.stderr.write(`${output.trim().split('\n').slice(0, LINES_SHOWN).join('\n')}\n`);
      reject(new SetupError(failure));
    });
  });
}

/** One set-up at a time in a checkout: two starts at once must not both rewrite node_modules. */
async function alone(work) {
  mkdirSync(dirname(lockPath), { recursive: true });
  for (let waits = 0; !takeLock(); waits++) {
    if (waits === 0) say('waiting for another set-up of this checkout to end');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const release = () => rmSync(lockPath, { force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

function takeLock() {
  // The number is in the file before the file has its name: nobody can read an empty lock.
  const mine = `${lockPath}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lockPath);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  if (!holderAlive()) rmSync(lockPath, { force: true });
  return false;
}

function holderAlive() {
  try {
    process.kill(Number(readFileSync(lockPath, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const step = process.argv[2] ?? 'build';
  try {
    if (step === 'install') await ensureInstalled();
    else if (step === 'build') await ensureBuilt();
    else throw new SetupError(`ensure knows the steps install and build, not ${step}`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
