/** What the demo begins with, so that there is something to see in its made-up network. */

/** Labels of ports; with them a flow key shows a service, whichever way its packets go. */
const SERVICES = {
  dns: ['53'],
  https: ['443'],
  http: ['8080'],
  nfs: ['2049'],
  postgres: ['5432'],
  rsync: ['873'],
  ssh: ['22'],
  roce: ['4791'],
  vxlan: ['4789'],
};

const SERVICE_KEY =
  'or:[map:tcpsourceport:services]:[map:tcpdestinationport:services]' +
  ':[map:udpsourceport:services]:[map:udpdestinationport:services]';

export const DEMO_MAPS = { services: SERVICES };

export const DEMO_GROUPS = {
  places: {
    rack1: ['10.1.1.0/24'],
    rack2: ['10.1.2.0/24'],
    rack3: ['10.1.3.0/24'],
    rack4: ['10.1.4.0/24'],
    internet: ['0.0.0.0/0'],
  },
};

export const DEMO_FLOWS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  talkers: { keys: 'ipsource,ipdestination', value: 'bytes', n: 10 },
  talkers6: { keys: 'ip6source,ip6destination', value: 'bytes', n: 10 },
  connections: {
    keys: 'ipsource,ipdestination,ipprotocol,or:tcpsourceport:udpsourceport,or:tcpdestinationport:udpdestinationport',
    value: 'bytes',
    n: 20,
  },
  services: { keys: SERVICE_KEY, value: 'bytes', n: 10 },
  places: { keys: 'group:ipsource:places,group:ipdestination:places', value: 'bytes', n: 20 },
  names: { keys: 'dnsqname,dnsqtypename', value: 'requests', filter: 'dnsqr=false', n: 10 },
  amplification: {
    keys: 'ipdestination,udpsourceport',
    value: 'bytes',
    values: 'count:ipsource,avg:bytes',
    filter: 'udpsourceport=53,123,389,1900,11211&group:ipsource:places=internet',
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
    {
      shows: 'Who talks most, in bytes per second',
      line: `curl '${url}activeflows/ALL/talkers/json?maxFlows=5'`,
    },
    { shows: 'Which services carry most', line: `curl '${url}activeflows/ALL/services/json'` },
    {
      shows: 'The attack, 20 seconds of every minute: its rate, and how many reflectors',
      line: `curl '${url}activeflows/ALL/amplification/json?minValue=1e6'`,
    },
    {
      shows: 'The fullest interfaces, from counters',
      line: `curl '${url}table/ALL/ifname,ifinutilization,sort:ifinoctets:-5/json'`,
    },
    {
      shows: 'The hosts, from counters',
      line: `curl '${url}metric/ALL/max:load_one,avg:cpu_utilization,sum:bytes_out/json'`,
    },
    {
      shows: 'A question of your own: ask, then look',
      line:
        `curl -X PUT -d '{"keys":"ipdscpname,ipprotocol","value":"bytes"}' ${url}flow/mine/json\n` +
        `curl '${url}activeflows/ALL/mine/json'`,
    },
  ];
}
