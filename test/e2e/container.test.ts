/**
 * The files for containers. No container engine runs in tests, so the steps of the Containerfile are run one by one on an overlay
 * of this machine, in place of its base image; what is not tried is that image itself, and the engine.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { onScratchMachine } from '../support/scratch-machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const WITHIN_MS = 240_000;

interface Step {
  readonly word: string;
  readonly rest: string;
}

function steps(): Step[] {
  return readFileSync(join(root, 'extras/Containerfile'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, word, rest] = /^([A-Z]+) (.*)$/.exec(line)!;
      return { word, rest };
    });
}

/** The commands that a builder runs for a step. */
function commandOf({ word, rest }: Step): string {
  switch (word) {
    case 'FROM':
    case 'EXPOSE':
    case 'VOLUME':
    case 'STOPSIGNAL':
    case 'USER':
    case 'HEALTHCHECK':
    case 'ENTRYPOINT':
    case 'CMD':
      return '';
    case 'WORKDIR':
      return `mkdir -p ${rest}; cd ${rest}`;
    case 'ENV':
      return `export ${rest}`;
    case 'RUN':
      return rest;
    case 'COPY': {
      const words = rest.split(' ');
      if (words[0].startsWith('--from='))
        return `mkdir -p $(dirname ${words[2]}); cp -r ${words[1]} ${words[2]}`;
      const ignored = readFileSync(join(root, '.containerignore'), 'utf8').trim().split('\n');
      const excludes = ignored.map((name) => `--exclude=./${name}`).join(' ');
      if (rest === '. .') return `tar -C /context ${excludes} -cf - . | tar -xf -`;
      return `(cd /context; cp ${words.slice(0, -1).join(' ')} /run/); cp ${words
        .slice(0, -1)
        .map((name) => `/run/${name}`)
        .join(' ')} ${words.at(-1)}`;
    }
    default:
      throw new Error(`a step that is not known here: ${word}`);
  }
}

/** The last of a step, as a list. */
function listOf(word: string): string[] {
  const { rest } = steps().findLast((step) => step.word === word)!;
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[];
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

function composeFile(): Record<string, Record<string, Record<string, unknown>>> {
  const read = 'import json,sys,yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))';
  const file = join(root, 'extras/compose.yaml');
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', read, file], { encoding: 'utf8' }));
}

describe('the Containerfile', () => {
  it('is made of two stages, the last without root and with a check of its health', () => {
    const words = steps();
    expect(words.filter(({ word }) => word === 'FROM')).toHaveLength(2);
    expect(words.findLast(({ word }) => word === 'USER')?.rest).toMatch(/^\d{5}:\d{5}$/);
    expect(listOf('HEALTHCHECK')[0]).toBe('node');
  });

  it(
    'builds, step by step, what starts as its user with the settings of compose.yaml and is healthy',
    () => {
      const user = steps()
        .findLast(({ word }) => word === 'USER')!
        .rest.split(':');
      const environment = composeFile()['services']['weir']['environment'] as Record<string, string>;
      const settings = Object.entries(environment).map(
        ([name, value]) => `export ${name}=${quoted([value])}`,
      );
      const as = `setpriv --reuid ${user[0]} --regid ${user[1]} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all`;
      const health = quoted(listOf('HEALTHCHECK'));
      const run = [
        'ip link set lo up',
        ...settings,
        `${as} ${health} && echo healthy too early`,
        `${as} ${quoted([...listOf('ENTRYPOINT'), ...listOf('CMD')])} >/run/log 2>&1 & weir=$!`,
        `for i in $(seq 100); do ${as} ${health} && break; sleep 0.1; done`,
        `${as} ${health} && echo healthy`,
        `curl -s -H 'Host: weir:8008' http://127.0.0.1:8008/version; echo`,
        'curl -s http://127.0.0.1:8008/prometheus/analyzer/txt | grep -c sflow',
        'kill -TERM $weir; wait $weir; echo ended $?; tail -3 /run/log',
        `find /opt/weir -name '*.map' -o -path '*/node_modules/*' -maxdepth 4 -name package.json`,
      ];
      const script = `${steps().map(commandOf).join('\n')}\nset +e\nunshare --net bash -c ${quoted([run.join('\n')])}`;
      const prelude = 'export HOME=/root npm_config_prefer_offline=true npm_config_update_notifier=false';
      const { out, code } = onScratchMachine(
        `${prelude}\n${script}`,
        { '/context': root },
        WITHIN_MS,
        "this machine's",
      );
      expect(code, out).toBe(0);
      expect(out).not.toContain('healthy too early');
      expect(out).toMatch(/^healthy$/m);
      expect(out).toMatch(/^\d+\.\d+\.\d+$/m);
      expect(out).toContain('ended 0');
      // Of the packages there is only what runs.
      expect(out).toContain('/opt/weir/node_modules/koffi/package.json');
      expect(out).not.toContain('/opt/weir/node_modules/vitest');
      expect(out).not.toMatch(/dist\/[^/]+\.map$/m);
    },
    WITHIN_MS,
  );
});

describe('compose.yaml', () => {
  it('opens the pages to this machine only, and mounts files that are there', () => {
    const { services, volumes } = composeFile();
    expect(Object.keys(services)).toEqual(['weir', 'prometheus', 'grafana']);
    for (const service of Object.values(services)) {
      for (const port of service['ports'] as string[])
        expect(port.endsWith('/udp') || port.startsWith('127.0.0.1:'), port).toBe(true);
      for (const mount of service['volumes'] as string[]) {
        const [from] = mount.split(':');
        if (from.startsWith('.')) execFileSync('test', ['-e', join(root, 'extras', from)]);
        else expect(Object.keys(volumes)).toContain(from);
      }
    }
  });

  it('has a configuration that Prometheus accepts', () => {
    const checked = execFileSync(
      'promtool',
      ['check', 'config', join(root, 'extras/compose/prometheus.yml')],
      {
        encoding: 'utf8',
      },
    );
    expect(checked).toContain('SUCCESS');
  });
});
