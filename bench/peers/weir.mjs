import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ONE_FLOW, TEN_FLOWS } from '../flows.mjs';
import { freeTcpPort, freeUdpPort, start, stop, untilBound } from '../lib/child.mjs';
import { inFreshFolder } from '../lib/folder.mjs';
import { ROOT, WEIR } from '../lib/paths.mjs';

/** Start `weir serve` with these flow definitions. */
export async function startWeir({ folder, flows = {}, properties = {} }) {
  const [port, http] = [await freeUdpPort(), await freeTcpPort()];
  const all = {
    'http.hostname': '127.0.0.1',
    'http.port': http,
    'sflow.port': port,
    'log.level': 'warn',
    'store.persist': 'no',
    ...properties,
  };
  const args = [WEIR, 'serve', ...Object.entries(all).map(([name, value]) => `-D${name}=${value}`)];
  const child = start('weir', process.execPath, args, { folder });
  const url = `http://127.0.0.1:${http}/`;
  await untilBound(child, port);
  await untilAnswers(url);
  const put = async (path, content) => {
    const reply = await fetch(`${url}${path}`, { method: 'PUT', body: JSON.stringify(content) });
    if (!reply.ok) throw new Error(`${path} was refused with ${reply.status}`);
  };
  const ask = async (path) => {
    const reply = await fetch(`${url}${path}`);
    if (!reply.ok) throw new Error(`${path} gives ${reply.status}, see ${folder}/weir.log`);
    return reply.json();
  };
  for (const [name, definition] of Object.entries(flows)) await put(`flow/${name}/json`, definition);
  return {
    pid: child.pid,
    port,
    url,
    ask,
    put,
    stop: () => stop(child),
  };
}

/** Do some work with a Weir of its own and a folder for files; both are gone afterwards. Resolves to what the work gives. */
export function withWeir(options, work) {
  return inFreshFolder(async (folder) => {
    const weir = await startWeir({ folder, ...options });
    try {
      return await work(weir, folder);
    } finally {
      await weir.stop();
    }
  });
}

async function untilAnswers(url) {
  for (let i = 0; ; i++) {
    try {
      await (await fetch(`${url}version`)).text();
      return;
    } catch (error) {
      if (i === 400) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

function weirWith(name, flows) {
  return {
    name,
    version: () => JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
    async start({ folder }) {
      const weir = await startWeir({ folder, flows });
      return {
        ...weir,
        // Its own count of everything it was given.
        async counted() {
          return { datagrams: (await weir.ask('analyzer/json')).sFlowDatagramsReceived };
        },
      };
    },
  };
}

export const weirOne = weirWith('Weir, 1 definition', ONE_FLOW);
export const weirTen = weirWith('Weir, 10 definitions', TEN_FLOWS);
