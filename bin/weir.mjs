#!/usr/bin/env node
/**
 * The command `weir`. In a checkout (`./weir`, `npm start`) it installs and builds first when that is needed; the
 * published package carries no scripts/ and starts at once. Plain syntax, so that an old Node gets to the line
 * that says so.
 */
import { existsSync } from 'node:fs';

const NEEDED = [20, 19];
const version = process.versions.node.split('.').map(Number);

if (version[0] < NEEDED[0] || (version[0] === NEEDED[0] && version[1] < NEEDED[1])) {
  process.stderr.write(`weir: needs Node ${NEEDED.join('.')} or newer, this is ${process.versions.node}\n`);
  process.exitCode = 1;
} else {
  start().catch((error) => {
    process.stderr.write(`weir: ${error.name === 'SetupError' ? error.message : error.stack}\n`);
    process.exitCode = 1;
  });
}

async function start() {
  const ensure = new URL('../scripts/ensure.mjs', import.meta.url);
  if (existsSync(ensure)) await (await import(ensure.href)).ensureBuilt();
  await import(new URL('../dist/weir.mjs', import.meta.url).href);
}
