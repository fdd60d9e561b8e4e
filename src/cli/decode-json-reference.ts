import { renderStructures } from '../sflow/reference.ts';

const FENCE = '```';

const INTRODUCTION = `# The output of weir decode --json

Generated from the structures in \`src/sflow/structures/\` by \`npm run docs\`; change the words in
\`src/cli/decode-json-reference.ts\`.

\`weir decode --json\` prints one line of JSON for each datagram: where and when it came, and the whole datagram by the
names of this page. [Decode with jq](../how-to/decode-with-jq.md) shows what to do with it.

${FENCE}sh
./weir decode test/fixtures/captures/hsflowd.pcap --json --count 1 | jq -c 'del(.samples)'
${FENCE}

${FENCE}json answer exact
{"time":"2026-11-23T00:55:18.235570Z","sourceAddress":"127.0.0.1","sourcePort":34243,"size":696,"version":5,"agentAddress":"10.253.0.1","subAgentId":100000,"sequenceNumber":1,"uptime":2989}
${FENCE}

- Numbers of up to 32 bits and all 64-bit integers are JSON numbers; the latter are written in full, so read them with
  care where numbers are floating point. A number that JSON has no word for is null.
- Bytes are lower-case hex. MAC addresses are twelve upper-case hex digits. IPv6 addresses are in their short form.
- A member that has no value is left out.
- Fields may be added in later versions; names and meanings of those here stay.

## The datagram

| member | type | meaning |
|---|---|---|
| \`time\` | text | when it was captured or received, RFC 3339 in UTC with microseconds |
| \`sourceAddress\`, \`sourcePort\` | text, number | where the UDP datagram came from |
| \`size\` | number | bytes of UDP payload |
| \`version\` | number | of sFlow: 2, 4 or 5; the samples of older versions are shown as those of version 5 |
| \`agentAddress\` | text | address of the agent, as it says itself |
| \`subAgentId\` | number | |
| \`sequenceNumber\` | number | of the datagram |
| \`uptime\` | number | of the agent, ms |
| \`samples\` | list of objects | |
| \`error\` | text | why the rest could not be read; what was read before it is there |

## Samples

Every sample has \`kind\`; those of kind \`flow\`, \`counter\` and \`discard\` have \`sequenceNumber\`, \`sourceId\`
(\`class\`: 0 ifIndex, 1 smonVlanDataSource, 2 entPhysicalEntry, 3 entLogicalEntry; and \`index\`) and \`records\`.

| kind | further members |
|---|---|
| \`flow\` | \`expanded\`, \`samplingRate\`, \`samplePool\`, \`drops\`, \`input\`, \`output\` |
| \`counter\` | \`expanded\`; of versions 2 and 4 \`legacy\` with \`samplingInterval\` (s) and \`countersVersion\` |
| \`discard\` | \`drops\`, \`input\` and \`output\` (ifIndex, 0 when unknown), \`reason\` |
| \`rtmetric\` | \`dataSource\`, \`metrics\`: \`name\`, \`type\`, \`value\` |
| \`rtflow\` | \`dataSource\`, \`samplingRate\`, \`reserved\`, \`fields\`: \`name\`, \`type\`, \`value\` |
| \`unknown\` | \`enterprise\`, \`format\`, \`bytes\`; \`error\` when the type is known and the sample damaged |

\`expanded\` is true for the expanded forms of flow and counter samples. \`input\` and \`output\` of a flow sample have
\`format\` (0 an ifIndex, 1 discarded, 2 several interfaces) and \`value\`: the ifIndex, the reason, or the number of
interfaces.

## Records

A record has \`enterprise\` and \`format\`, by which its structure is known.

| member | meaning |
|---|---|
| \`name\` | of the structure, as in the lists below |
| \`fields\` | its fields |
| \`packet\` | of \`sampled_header\` only: what the packet holds |
| \`bytes\` | the body, when the structure is unknown or damaged |
| \`error\` | why it could not be decoded |
| \`trailing\` | bytes behind the known fields |

\`packet\` has \`stack\` (the layers, \`eth.ip.tcp\`), \`layers\` (\`name\` and \`offset\` of each) and \`keys\`: every
[flow key](flow-keys.md) of the packet, as text.
`;

/** The page docs/reference/decode-json.md. */
export function renderDecodeJsonPage(): string {
  return [INTRODUCTION, renderStructures()].join('\n');
}
