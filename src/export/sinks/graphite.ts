import type { Members } from '../members.ts';
import { type Point, pointOf } from '../message.ts';
import type { Sink } from '../sink.ts';
import { StreamConnection } from './connection.ts';
import { tlsOptions } from './tls-options.ts';

const PORT = { minimum: 1, maximum: 65535, default: 2003 };

/** Graphite's plain text over TCP: `path value seconds`. With `tags` labels are tags, else elements of the path. */
export function graphiteSink(members: Members): () => Sink {
  const target = { host: members.text('host'), port: members.integer('port', PORT) };
  const prefix = members.optionalText('prefix') ?? 'sflow.';
  const tags = members.flag('tags', false);
  const tls = members.has('tls') ? tlsOptions(members) : undefined;
  return () => {
    const connection = new StreamConnection(target, tls);
    return {
      async send(messages, signal) {
        const lines = messages.flatMap((message) => {
          const point = pointOf(message, '');
          return point === undefined ? [] : [graphiteLine(point, prefix, tags)];
        });
        if (lines.length > 0) await connection.write(Buffer.from(lines.join('')), signal);
      },
      close: async () => connection.close(),
    };
  };
}

/**
 * Tagged: `PREFIX.NAME;agent=…;datasource=… value seconds`. Otherwise `PREFIX.AGENT.DATASOURCE.NAME` for metrics,
 * and with the values of further labels behind it for everything else.
 */
export function graphiteLine({ name, labels, value, time }: Point, prefix: string, tags: boolean): string {
  const seconds = Math.floor(time / 1000);
  if (tags) {
    const all = Object.entries(labels).filter(([, text]) => text !== '');
    const text = all.map(([key, tag]) => `;${tagText(key)}=${tagText(tag)}`).join('');
    return `${prefix}${element(name)}${text} ${value} ${seconds}\n`;
  }
  const { agent, datasource, ...rest } = labels;
  // What a counter metric says beside is a description; a flow is told apart by its keys.
  const isMetric = rest['key'] === undefined && !/^(flow|ended)_/.test(name);
  const elements = [agent, datasource, name, ...(isMetric ? [] : Object.values(rest))];
  const path = elements
    .filter((each) => each !== undefined && each !== '')
    .map((each) => element(String(each)));
  return `${prefix}${path.join('.')} ${value} ${seconds}\n`;
}

/** An element of a path: dots part elements. */
function element(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_:@-]/g, '_');
}

/** Tags may not hold semicolons, nor begin with `~`. */
function tagText(text: string): string {
  return text.replaceAll(/[;\s!^=]/g, '_').replace(/^~/, '_');
}
