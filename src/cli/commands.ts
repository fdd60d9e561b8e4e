/** What a command's module exports. */
export interface Command {
  /**
   * Runs the command and resolves to its exit code. `--help` among the arguments prints what they are. Throws a
   * WeirError for what the user can mend; CLI_USAGE means that the arguments are wrong.
   */
  run(args: string[]): Promise<number>;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** The module is loaded only when the command is used, so that each starts fast. */
  load(): Promise<Command>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'receive sFlow, and answer over HTTP who talks to whom',
    load: () => import('./serve.ts'),
  },
  {
    name: 'demo',
    summary: 'the same with the traffic of a made-up network',
    load: () => import('./demo.ts'),
  },
  {
    name: 'dev',
    summary: 'serve with scripts that run anew whenever their files change',
    load: () => import('./dev.ts'),
  },
  {
    name: 'app',
    summary: 'add, list and remove applications',
    load: () => import('./app.ts'),
  },
  {
    name: 'decode',
    summary: 'print sFlow datagrams of a capture or a port',
    load: () => import('./decode.ts'),
  },
  {
    name: 'bgp',
    summary: 'print BGP messages, and make those of routes and FlowSpec rules',
    load: () => import('./bgp.ts'),
  },
  {
    name: 'forward',
    summary: 'receive sFlow, and write it to a pipe, as for ssh',
    load: () => import('./forward.ts'),
  },
  {
    name: 'receive',
    summary: 'read from a pipe what forward wrote, and send it on',
    load: () => import('./receive.ts'),
  },
  {
    name: 'tunnel',
    summary: 'forward through ssh, which is run again when it ends',
    load: () => import('./tunnel.ts'),
  },
  {
    name: 'record',
    summary: 'write sFlow to pcap files',
    load: () => import('./record.ts'),
  },
  {
    name: 'replay',
    summary: 'send the sFlow datagrams of a capture again',
    load: () => import('./replay.ts'),
  },
  {
    name: 'load',
    summary: 'send made-up sFlow at a given rate, for a bounded time',
    load: () => import('./load.ts'),
  },
  {
    name: 'token',
    summary: 'make a token that lets a client in',
    load: () => import('./token.ts'),
  },
  {
    name: 'doctor',
    summary: 'examine this machine and a running Weir, and say what to do',
    load: () => import('./doctor.ts'),
  },
];
