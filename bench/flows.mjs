/** The flow definitions that the benchmark uses. */

const PORTS = {
  source: 'or:tcpsourceport:udpsourceport',
  destination: 'or:tcpdestinationport:udpdestinationport',
};

export const FIVE_TUPLE = {
  keys: `ipsource,ipdestination,${PORTS.source},${PORTS.destination},ipprotocol`,
  value: 'bytes',
};

export const ONE_FLOW = { tuple: FIVE_TUPLE };

/** Ten as a network's operator would have them. */
export const TEN_FLOWS = {
  tuple: FIVE_TUPLE,
  source: { keys: 'ipsource', value: 'bytes' },
  destination: { keys: 'ipdestination', value: 'bytes' },
  macs: { keys: 'macsource,macdestination', value: 'bytes' },
  interfaces: { keys: 'inputifindex,outputifindex', value: 'bytes' },
  dscp: { keys: 'ipdscp', value: 'bytes' },
  flags: { keys: 'tcpflags', value: 'frames' },
  amplification: { keys: 'ipdestination,udpsourceport', value: 'bytes' },
  service: { keys: 'ipdestination,tcpdestinationport', value: 'bytes' },
  network: { keys: 'mask:ipsource:24', value: 'bytes' },
};
