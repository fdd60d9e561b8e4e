import { formatJavaDouble } from '../common/index.ts';
import { LAYER, type LayerName, MAX_OCCURRENCES } from '../packet/index.ts';
import { discardReason } from './enumerations.ts';
import { type KeyEntry, sampleKey } from './key-entry.ts';
import { INTERFACE, recordSlot, SAMPLE_KIND, type SampleContext } from './sample.ts';

/** Keys that custom samples have besides those their sender names (rest-api 7.6). */
export const CUSTOM_SAMPLE_KEYS: readonly string[] = ['agent', 'samplingrate', 'requests'];

/** Keys of the sample itself. */
export const SAMPLE_KEYS: readonly KeyEntry[] = [
  sampleKey('agent', { kind: 'sampleText', read: (sample) => sample.agent }, 'Address of the sFlow agent.'),
  sampleKey('ds', { kind: 'sampleText', read: (sample) => sample.dataSource }, 'Data source.'),
  sampleKey(
    'direction',
    {
      kind: 'words',
      words: ['direction'],
      absent: 0,
      format: ([direction]) => (direction === 1 ? 'ingress' : 'egress'),
      numeric: false,
    },
    'Which way the packet passed the data source: `ingress` or `egress`.',
  ),
  sampleKey(
    'inputifindex',
    { kind: 'words', words: ['inputIfIndex'], format: ([word]) => interfaceText(word), numeric: false },
    'Interface the packet came in at: its ifIndex, `internal` or `unknown`.',
  ),
  sampleKey(
    'outputifindex',
    { kind: 'words', words: ['outputIfIndex'], format: ([word]) => interfaceText(word), numeric: false },
    'Interface the packet leaves at: its ifIndex, `internal`, `discard`, `multiple` or `unknown`.',
  ),
  sampleKey(
    'outputifcount',
    { kind: 'sampleNumber', read: outputCount },
    'Number of interfaces the packet leaves at when they are several; 0 when nobody knows.',
  ),
  sampleKey(
    'samplingrate',
    { kind: 'sampleNumber', read: (sample) => sample.samplingRate, format: formatJavaDouble },
    'How many packets the sample stands for.',
  ),
  sampleKey(
    'bytes',
    {
      kind: 'words',
      words: ['frameLength'],
      absent: -1,
      format: ([word]) => String(word >>> 0),
      numeric: true,
    },
    'Bytes of the frame, frame check sequence included; of an operation, what it carried.',
  ),
  sampleKey(
    'frames',
    { kind: 'words', words: ['frames'], absent: -1, format: ([word]) => String(word), numeric: true },
    'Packets: 1.',
  ),
  sampleKey(
    'stripped',
    { kind: 'words', words: ['stripped'], absent: -1, format: ([word]) => String(word >>> 0), numeric: true },
    'Bytes removed from the frame before its header was taken.',
  ),
  sampleKey(
    'stack',
    { kind: 'sampleText', read: ({ layers }) => (layers.count > 0 ? layers.stack() : undefined) },
    'Layers of the packet, outermost first: `eth.ip.tcp`.',
  ),
  sampleKey(
    'requests',
    { kind: 'sampleNumber', read: (sample) => (isRequest(sample) ? 1 : Number.NaN) },
    'Requests: 1 for DNS, ICMP and ARP packets and for operations of applications.',
  ),
  sampleKey(
    'reason',
    {
      kind: 'words',
      words: ['reason'],
      absent: -1,
      format: ([code]) => discardReason(code >>> 0),
      numeric: false,
    },
    'Why the packet was discarded.',
  ),
];

function interfaceText(word: number): string {
  switch (word) {
    case INTERFACE.unknown:
      return 'unknown';
    case INTERFACE.discard:
      return 'discard';
    case INTERFACE.multiple:
      return 'multiple';
    case INTERFACE.internal:
      return 'internal';
    default:
      return String(word >>> 0);
  }
}

function outputCount(sample: SampleContext): number {
  return sample.outputIfIndex === INTERFACE.multiple ? sample.output >>> 0 : Number.NaN;
}

const REQUEST_LAYERS: readonly LayerName[] = ['dns', 'icmp', 'icmp6', 'arp'];
const REQUEST_PLACES = REQUEST_LAYERS.map((layer) => LAYER[layer] * MAX_OCCURRENCES);
/** memcache_operation, app_operation, http_request. */
const OPERATION_SLOTS = [2200, 2201, 2202, 2206].map(recordSlot);

function isRequest(sample: SampleContext): boolean {
  if (sample.kind === SAMPLE_KIND.custom) return true;
  for (const place of REQUEST_PLACES) if (sample.layers.at[place] >= 0) return true;
  for (const slot of OPERATION_SLOTS) if (sample.recordAt[slot] >= 0) return true;
  return false;
}
