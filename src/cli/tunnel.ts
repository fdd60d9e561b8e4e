import { once } from 'node:events';
import { BatchQueue, openSource, PullTraffic, PushTraffic, type Source, Tunnel } from '../relay/index.ts';
import type { ConnectedSender } from '../udp/index.ts';
import { numberOption, type OptionValues, parseOptions, usageError } from './decode-options.ts';
import { listeningText, sourceText } from './forward.ts';
import { droppedThere, watchedSender } from './receive.ts';
import {
  openTarget,
  parseTarget,
  queueBytes,
  SOURCE_HELP,
  SOURCE_OPTIONS,
  sendTrouble,
  sourceOptions,
  type Target,
  targetText,
} from './relay-options.ts';
import { Watch, type WatchedCount } from './relay-watch.ts';
import { untilStopSignal } from './stop-signal.ts';

const USAGE = `Usage: weir tunnel [USER@]HOST [options] [-- SSH-OPTIONS]

Receive sFlow here and have it sent there, through ssh, which is run and run again whenever it ends. While it is down datagrams
wait, and what was lost with a connection is told. weir receive must be at the other end, or what --remote names.

  --to HOST[:PORT]     where the other end sends to, seen from there (default 127.0.0.1:6343)
  --pull               the other way: weir forward receives there, and what comes is sent to --to from here
${SOURCE_HELP}  --remote COMMAND     how weir is started at the other end (default weir): 'node /opt/weir-forward.mjs'
  --plain COMMAND      the other end is not Weir: this command reads lines of hexadecimal digits; nothing is acknowledged
  --compress           gzip
  --rate PPS           with --pull: at most so many datagrams a second
  --ssh PROGRAM        ssh itself (default ssh)
  --help

ssh asks nothing (BatchMode): the key must be usable without passphrase, and the host's key be known. --port, --bind and --allow
say where sFlow is received, with --pull at the other end. Everything behind -- goes to ssh: -- -p 2222 -i KEY
`;

const KEEP_ALIVE_MS = 5000;

const say = (text: string): boolean => process.stderr.write(`weir tunnel: ${text}\n`);

/** `weir tunnel`. Throws a WeirError `CLI_USAGE`, `RECEIVER_PORT_IN_USE`, `RECEIVER_BIND`, `RELAY_NO_ADDRESS`, `UDP_TARGET`. */
export async function run(args: readonly string[]): Promise<number> {
  const split = args.indexOf('--');
  const own = split < 0 ? args : args.slice(0, split);
  const text = { type: 'string' } as const;
  const { values, positionals } = parseOptions(own, {
    ...SOURCE_OPTIONS,
    to: text,
    remote: text,
    plain: text,
    rate: text,
    ssh: text,
    pull: { type: 'boolean' },
    compress: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values['help'] === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (positionals.length !== 1)
    throw usageError(positionals.length === 0 ? 'which host?' : `'${positionals[1]}' is one host too many`);
  const [host] = positionals;
  if (host.startsWith('-')) throw usageError(`'${host}' is no host`);
  const pull = values['pull'] === true;
  if (pull && values['plain'] !== undefined) throw usageError('--pull and --plain exclude each other');
  if (!pull && values['rate'] !== undefined) throw usageError('--rate is for --pull');
  const ssh = {
    program: typeof values['ssh'] === 'string' ? values['ssh'] : 'ssh',
    options: split < 0 ? [] : args.slice(split + 1),
    host,
  };
  const target = parseTarget(typeof values['to'] === 'string' ? values['to'] : '127.0.0.1');
  return pull ? runPull(ssh, target, values) : runPush(ssh, target, values);
}

interface SshWords {
  readonly program: string;
  readonly options: readonly string[];
  readonly host: string;
}

async function runPush(ssh: SshWords, target: Target, values: OptionValues): Promise<number> {
  const { plain } = values;
  const format = plain === undefined ? 'frames' : 'lines';
  const remote =
    typeof plain === 'string' ? plain : `${weirThere(values)} receive --to ${quoted(targetText(target))}`;
  const queue = new BatchQueue(queueBytes(values));
  const traffic = new PushTraffic(queue, format, values['compress'] === true);
  const tunnel = new Tunnel({ ...ssh, remote }, traffic, { say });
  const stop = new AbortController();
  let failure: Error | undefined;
  const source = await openSource(
    { ...sourceOptions(values), format },
    {
      batch: (batch) => {
        queue.push(batch);
        traffic.pump();
      },
      failed: (error) => {
        failure = error;
        stop.abort();
      },
    },
  );
  say(listeningText(source));
  const keepAlive = setInterval(() => traffic.keepAlive(), KEEP_ALIVE_MS);
  const watch = new Watch(watchedSource(source, queue), say);
  tunnel.start();
  untilStopSignal().then(() => stop.abort());
  await once(stop.signal, 'abort');
  if (failure === undefined) await source.stop();
  await tunnel.stop();
  clearInterval(keepAlive);
  watch.stop();
  say(pushSummary(source, queue, tunnel, format === 'frames'));
  if (failure !== undefined) throw failure;
  return 0;
}

async function runPull(ssh: SshWords, target: Target, values: OptionValues): Promise<number> {
  const rate = numberOption(values, 'rate', 1, 1e7);
  const sender = await openTarget(target);
  const traffic = new PullTraffic(sender, rate, say);
  const tunnel = new Tunnel(
    { ...ssh, remote: `${weirThere(values)} forward ${forwardWords(values)}` },
    traffic,
    { say },
  );
  const watched = [droppedThere(() => traffic.counts.dropped), ...watchedSender(sender, target)];
  const watch = new Watch(watched, say);
  tunnel.start();
  await untilStopSignal();
  await tunnel.stop();
  watch.stop();
  say(pullSummary(traffic, sender, target, tunnel));
  sender.close();
  return 0;
}

/** The options of the other end's `weir forward`, checked here already. */
function forwardWords(values: OptionValues): string {
  const { address, port } = sourceOptions(values);
  const allow: unknown = values['allow'];
  return [
    '--weir',
    `--port ${port}`,
    ...(address === '' ? [] : [`--bind ${address}`]),
    ...(Array.isArray(allow) ? allow.map((range) => `--allow ${range}`) : []),
    `--queue ${queueBytes(values) / 2 ** 20}`,
    ...(values['compress'] === true ? ['--compress'] : []),
  ].join(' ');
}

function weirThere(values: OptionValues): string {
  return typeof values['remote'] === 'string' ? values['remote'] : 'weir';
}

/** For the other end's shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function watchedSource(source: Source, queue: BatchQueue): WatchedCount[] {
  return [
    {
      count: () => queue.dropped,
      text: (more) => `${more} datagrams dropped: ssh is down or too slow, and the queue full`,
    },
    {
      count: () => source.counts.kernelDrops,
      text: (more) => `${more} datagrams dropped by the kernel: this machine is too slow`,
    },
  ];
}

function pushSummary(source: Source, queue: BatchQueue, { counts }: Tunnel, acknowledged: boolean): string {
  const parts = [sourceText(source), `${counts.written} written to ssh`];
  if (acknowledged) parts.push(`${counts.arrived} arrived`);
  if (counts.lostAtMost > 0) parts.push(`${counts.lostAtMost} lost at most with connections`);
  if (queue.dropped > 0) parts.push(`${queue.dropped} dropped because the queue was full`);
  if (queue.datagrams > 0) parts.push(`${queue.datagrams} waited in vain`);
  parts.push(`${counts.connections} connections, ${counts.failures} failures`);
  return parts.join(', ');
}

function pullSummary(
  traffic: PullTraffic,
  sender: ConnectedSender,
  target: Target,
  { counts }: Tunnel,
): string {
  const { datagrams, bytes, badLines, dropped } = traffic.counts;
  const parts = [`${datagrams} datagrams, ${bytes} bytes came`];
  parts.push(`${sender.counts.sent} sent to ${targetText(target)}${sendTrouble(sender, target)}`);
  if (badLines > 0) parts.push(`${badLines} lines were no datagrams`);
  if (dropped > 0) parts.push(`${dropped} dropped at the other end`);
  parts.push(`${counts.connections} connections, ${counts.failures} failures`);
  return parts.join(', ');
}
