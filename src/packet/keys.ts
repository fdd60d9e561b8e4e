import { APPLICATION_KEYS } from './keys/application.ts';
import { INTERNET_KEYS } from './keys/internet.ts';
import { LINK_KEYS } from './keys/link.ts';
import { LLDP_KEYS } from './keys/lldp.ts';
import { RDMA_KEYS } from './keys/rdma.ts';
import { TRANSPORT_KEYS } from './keys/transport.ts';
import { TUNNEL_KEYS } from './keys/tunnel.ts';
import { LAYER_NAMES } from './layers.ts';
import { number, type PacketKey } from './packet-key.ts';

/** `ip_offset` and its like: where a layer begins, counted from the first byte of the sampled header. */
const OFFSET_KEYS: readonly PacketKey[] = LAYER_NAMES.map((layer) => ({
  name: `${layer}_offset`,
  layer,
  field: number((_bytes, at, _end, layers) => at - layers.start),
  doc: `Bytes from the start of the sampled header to the layer ${layer}.`,
}));

/** Every key that packets give, one entry per key and layer (a key may come from more than one layer: the first present wins). */
export const PACKET_KEYS: readonly PacketKey[] = [
  ...LINK_KEYS,
  ...LLDP_KEYS,
  ...INTERNET_KEYS,
  ...TRANSPORT_KEYS,
  ...TUNNEL_KEYS,
  ...APPLICATION_KEYS,
  ...RDMA_KEYS,
  ...OFFSET_KEYS,
];
