// description: Finds floods from inside to inside, and the switch ports of those who take part
//
// Firewalls see what crosses the border of a network. A flood from a class room to the mail server does not: but the
// switches do, and know the port behind which the sender is.
//
//   intranet.prefixes     what is inside: 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7
//   intranet.threshold    packets per second to one address that are too many: 10000
//   intranet.share        packets per second of one sender that are worth naming: 100

const prefixes = (
  getSystemProperty('intranet.prefixes') || '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7'
).split(',');
const threshold = Number(getSystemProperty('intranet.threshold') || 10000);
const share = Number(getSystemProperty('intranet.share') || 100);

setGroups('intranet', { inside: prefixes });
const bothInside = 'group:ipsource:intranet=inside&group:ipdestination:intranet=inside';
setFlow('intranet_target', {
  keys: 'ipdestination,ipprotocol',
  value: 'frames',
  filter: bothInside,
  n: 10,
  t: 1,
});
setFlow('intranet_pairs', {
  keys: 'ipdestination,ipprotocol,ipsource',
  value: 'frames',
  filter: bothInside,
  t: 1,
});
setThreshold('intranet_ddos', { metric: 'intranet_target', value: threshold, byFlow: true, timeout: 60 });

/** The access port of a sender: where its packets come in, or else where they were seen. */
function accessPort(address, flow) {
  const [host] = topologyLocateHostIP(address);
  if (host) return `${host.node || host.agent} port ${host.port || host.ifindex}`;
  const port = topologyInterfaceToPort(flow.agent, flow.dataSource) || {};
  return `${port.node || flow.agent} port ${port.port || flow.dataSource}`;
}

setEventHandler(
  (event) => {
    const [target, protocol] = event.flowKey.split(',');
    const rate = formatNumber(event.value, '#,##0');
    logWarning(`intranet flood: ${rate} packets per second of protocol ${protocol} to ${target}`);
    const senders = activeFlows('ALL', 'intranet_pairs', 20, share, 'max', `${target},${protocol},`);
    for (const flow of senders) {
      const [, , source] = flow.key.split(',');
      logWarning(
        `intranet flood: ${source} at ${accessPort(source, flow)} sends ${formatNumber(flow.value, '#,##0')}`,
      );
    }
  },
  ['intranet_ddos'],
);
