/** The flow definitions that the demo begins with: what there is to see in its made-up network. */
export const DEMO_FLOWS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  talkers: { keys: 'ipsource,ipdestination', value: 'bytes', n: 10 },
  talkers6: { keys: 'ip6source,ip6destination', value: 'bytes', n: 10 },
  connections: {
    keys: 'ipsource,ipdestination,ipprotocol,or:tcpsourceport:udpsourceport,or:tcpdestinationport:udpdestinationport',
    value: 'bytes',
    n: 20,
  },
  services: { keys: 'ipprotocol,or:tcpdestinationport:udpdestinationport', value: 'bytes', n: 10 },
  names: { keys: 'dnsqname,dnsqtypename', value: 'requests', filter: 'dnsqr=false', n: 10 },
  amplification: {
    keys: 'ipdestination,udpsourceport',
    value: 'bytes',
    values: 'count:ipsource,avg:bytes',
    filter: 'udpsourceport=53,123,389,1900,11211&ipsource!~10\\..*',
    n: 5,
  },
  scan: {
    keys: 'ipsource',
    value: 'frames',
    values: 'count:ipdestination,count:tcpdestinationport',
    filter: 'tcpflags=000000010',
    t: 5,
  },
  rdma: { keys: 'ipsource,ipdestination,ibbtopname', value: 'bytes', n: 10 },
  tenants: { keys: 'vxlanvni,ipsource.1,ipdestination.1', value: 'bytes', n: 10 },
  drops: { keys: 'reason,ipsource,ipdestination', value: 'frames', dropped: true, n: 10 },
};

/** A command line to try, and what it shows. */
export interface DemoCommand {
  readonly shows: string;
  readonly line: string;
}

/** Command lines to try on a demo whose API is at `url`, which ends in a slash. */
export function demoCommands(url: string): readonly DemoCommand[] {
  return [
    { shows: 'Who talks most', line: `curl '${url}activeflows/ALL/talkers/json?maxFlows=5'` },
    { shows: 'Which services', line: `curl '${url}activeflows/ALL/services/json?maxFlows=8'` },
    {
      shows: 'The attack, 20 seconds of every minute: bytes/s, number of reflectors',
      line: `curl '${url}activeflows/ALL/amplification/json?minValue=1e6'`,
    },
    {
      shows: 'The fullest interfaces',
      line: `curl '${url}table/ALL/ifname,ifinutilization,sort:ifinoctets:-5/json'`,
    },
    {
      shows: 'The hosts',
      line: `curl '${url}metric/ALL/max:load_one,avg:cpu_utilization,sum:bytes_out/json'`,
    },
    {
      shows: 'A question of your own: ask, then look',
      line:
        `curl -X PUT -d '{"keys":"group:ipsource:racks,ipprotocol","value":"bytes"}' ${url}flow/mine/json\n` +
        `curl -X PUT -d '{"rack1":["10.1.1.0/24"],"rack2":["10.1.2.0/24"]}' ${url}group/racks/json\n` +
        `curl '${url}activeflows/ALL/mine/json'`,
    },
  ];
}
