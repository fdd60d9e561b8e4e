import { usageError } from './decode-options.ts';
import type { CommandStreams } from './decode-output.ts';

const USAGE = `Usage: weir bgp decode HEX|FILE [options]
       weir bgp encode JSON|FILE [options]

Print BGP messages in words or as JSON, and make the bytes of routes and FlowSpec rules.

  decode HEX         one or more whole messages in hexadecimal; blanks, colons and line ends are passed over
  decode FILE        the BGP messages in the TCP connections of a pcap or pcapng file, or hexadecimal in a text file;
                     - is standard input
    --json           one line of JSON per message
    --two-octet      AS numbers have two octets: the default for HEX is four; a capture says it in its OPEN messages
    --add-path LIST  families with path identifiers, for instance ipv4-unicast,ipv6-unicast

  encode JSON|FILE   a route {"prefix":…,"nexthop":…} or a rule {"match":{…},"then":{…}}, or a list of them, as they
                     are written for REST; - is standard input
    --as N           AS number of the speaker (65000)
    --internal       for a peer of the same AS
    --withdraw       the message that withdraws it
    --text           of a rule also: what it does in words, and as Arista, Cisco, Juniper, FRR and GoBGP write it
    --json           JSON with the bytes and the texts

  --help

The exit code is 0 when every message could be read or made, 1 when one could not, 2 for wrong use.
`;

/** `weir bgp`. Throws WeirError `CLI_USAGE`, `CAPTURE_BAD`, `BGP_INPUT`. */
export async function run(args: readonly string[], streams: CommandStreams = process): Promise<number> {
  const [what, ...rest] = args;
  if (args.includes('--help') || args.includes('-h')) {
    streams.stdout.write(USAGE);
    return 0;
  }
  switch (what) {
    case 'decode':
      return (await import('./bgp-decode.ts')).decode(rest, streams);
    case 'encode':
      return (await import('./bgp-encode.ts')).encode(rest, streams);
    default:
      throw usageError(what === undefined ? 'decode or encode?' : `'${what}' is neither decode nor encode`);
  }
}
