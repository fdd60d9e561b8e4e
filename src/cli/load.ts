import { lookup } from 'node:dns/promises';
import { WeirError } from '../common/index.ts';
import {
  createSender,
  isLoopback,
  LOAD_DEFAULTS,
  LOAD_LIMITS,
  LoadGenerator,
  type LoadOptions,
  type LoadTotals,
  type RunOptions,
  runLoad,
  targetOf,
} from '../load/index.ts';
import { integerOption, numberOption, parseEndpoint, parseOptions, usageError } from './decode-options.ts';
import { untilStopSignal } from './stop-signal.ts';

const USAGE = `weir load --to ADDRESS:PORT [options]

Send made-up but consistent sFlow to a collector, for a bounded time. Prints one line of JSON at the end.

  --to ADDRESS:PORT   where to: 127.0.0.1:6343, [::1]:6343
  --rate N            datagrams per second; 0: as many as the machine can send (default 1000)
  --seconds N         how long, at most 600 (default 10)
  --interval N        print the totals every N seconds, too
  --agents N          switches (default ${LOAD_DEFAULTS.agents})
  --ports N           interfaces of each switch (default ${LOAD_DEFAULTS.ports})
  --flows N           different 5-tuples (default ${LOAD_DEFAULTS.flows})
  --samples N         packet samples in a datagram, 1 to ${LOAD_LIMITS.samples} (default ${LOAD_DEFAULTS.samples})
  --mix v4|mix        only IPv4, or VLAN tags, IPv6 and VXLAN among it (default ${LOAD_DEFAULTS.mix})
  --order zipf|sequential
                      few large and many small flows, or each flow once, in turn (default ${LOAD_DEFAULTS.order})
  --seed N            another seed, other traffic (default ${LOAD_DEFAULTS.seed})
  --allow-remote      without it, only loopback addresses are sent to
`;

/** Longest run, seconds: a load source that was forgotten must end. */
const LONGEST_RUN = 600;

/** What one `weir load` is to do. */
export interface LoadRequest {
  readonly host: string;
  readonly port: number;
  readonly allowRemote: boolean;
  readonly load: LoadOptions;
  readonly run: Pick<RunOptions, 'rate' | 'seconds' | 'interval'>;
}

/** Read the command line of `weir load`. Throws a WeirError `CLI_USAGE` that says what is wrong. */
export function parseLoadArguments(args: readonly string[]): LoadRequest {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseOptions(args, {
    to: text,
    rate: text,
    seconds: text,
    interval: text,
    agents: text,
    ports: text,
    flows: text,
    samples: text,
    mix: text,
    order: text,
    seed: text,
    'allow-remote': { type: 'boolean' },
  });
  if (positionals.length > 0) throw usageError(`'${positionals[0]}' is not an option`);
  if (typeof values.to !== 'string') throw usageError('say where to with --to ADDRESS:PORT');
  const agents = integerOption(values, 'agents', 1, LOAD_LIMITS.agents) ?? LOAD_DEFAULTS.agents;
  const ports = integerOption(values, 'ports', 1, LOAD_LIMITS.ports) ?? LOAD_DEFAULTS.ports;
  if (agents * ports > LOAD_LIMITS.dataSources) {
    throw usageError(`--agents times --ports must not be above ${LOAD_LIMITS.dataSources}`);
  }
  return {
    ...parseEndpoint(values.to),
    allowRemote: values['allow-remote'] === true,
    load: {
      agents,
      ports,
      flows: integerOption(values, 'flows', 1, LOAD_LIMITS.flows) ?? LOAD_DEFAULTS.flows,
      samples: integerOption(values, 'samples', 1, LOAD_LIMITS.samples) ?? LOAD_DEFAULTS.samples,
      mix: choice('mix', values.mix, ['v4', 'mix'], LOAD_DEFAULTS.mix),
      order: choice('order', values.order, ['zipf', 'sequential'], LOAD_DEFAULTS.order),
      seed: integerOption(values, 'seed', 0) ?? LOAD_DEFAULTS.seed,
    },
    run: {
      rate: numberOption(values, 'rate', 0, 10_000_000) ?? 1000,
      seconds: numberOption(values, 'seconds', 0, LONGEST_RUN) ?? 10,
      interval: numberOption(values, 'interval', 0, LONGEST_RUN) ?? 0,
    },
  };
}

/** `weir load`: sends for the time asked, or until a signal ends it; totals are printed as JSON, one object per line. */
export async function run(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const request = parseLoadArguments(args);
  const stop = new AbortController();
  untilStopSignal().then(() => stop.abort());
  const print = (totals: LoadTotals): boolean => process.stdout.write(`${JSON.stringify(totals)}\n`);
  print(await sendLoad(request, { onInterval: print, signal: stop.signal }));
  return 0;
}

/**
 * Send a load and resolve to its totals. Throws a WeirError: `LOAD_REMOTE_TARGET` (not loopback, and not allowed),
 * `LOAD_BAD_TARGET` (no such host), `LOAD_SOCKET`, `LOAD_SEND`.
 */
export async function sendLoad(
  request: LoadRequest,
  options: Pick<RunOptions, 'onInterval' | 'signal'> = {},
): Promise<LoadTotals> {
  const { address } = await lookup(request.host).catch((cause: unknown) => {
    throw new WeirError('LOAD_BAD_TARGET', `there is no host ${request.host}`, { cause });
  });
  const target = targetOf(address, request.port);
  if (!isLoopback(target) && !request.allowRemote) {
    throw new WeirError(
      'LOAD_REMOTE_TARGET',
      `${address} is not this machine; --allow-remote sends there all the same`,
    );
  }
  const generator = new LoadGenerator(request.load);
  const sender = await createSender(generator, target);
  try {
    return await runLoad(generator, sender, { ...request.run, ...options });
  } finally {
    sender.close();
  }
}

function choice<T extends string>(
  name: string,
  value: string | boolean | undefined,
  choices: readonly T[],
  otherwise: T,
): T {
  if (value === undefined) return otherwise;
  const found = choices.find((one) => one === value);
  if (found === undefined) throw usageError(`--${name} takes ${choices.join(' or ')}, not '${value}'`);
  return found;
}
