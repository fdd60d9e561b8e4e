// description: Tells a log service of destinations that cannot be reached
//
// Hosts, routers and firewalls answer what they cannot deliver with ICMP "destination unreachable". Many such answers to
// one address are somebody who scans, or a service that is down.
//
//   unreachable.url      HTTP input that takes an event as JSON, such as https://logs-01.loggly.com/inputs/TOKEN/tag/http/
//   unreachable.syslog   host[:port] of a syslog server

const url = getSystemProperty('unreachable.url');
const [syslogHost, syslogPort] = (getSystemProperty('unreachable.syslog') || '').split(':');

// What is unreachable, by the key that names it.
const KEYS = {
  net: 'icmpunreachablenet',
  host: 'icmpunreachablehost',
  protocol: 'icmpunreachableprotocol',
  port: 'icmpunreachableport',
};
const PREFIX = 'unreachable_';

for (const [what, key] of Object.entries(KEYS)) {
  // With flowStart a record comes with the first packet, and none while the flow goes on.
  setFlow(PREFIX + what, {
    keys: [key, 'ipsource', 'ipdestination'],
    value: 'frames',
    log: true,
    flowStart: true,
  });
}

setFlowHandler(
  (record) => {
    const what = record.name.slice(PREFIX.length);
    const [unreachable, reporter, sender] = record.flowKeys.split(',');
    const port = topologyInterfaceToPort(record.agent, record.dataSource) || {};
    const event = {
      type: `${what} unreachable`,
      unreachable,
      reporter,
      sender,
      node: port.node || record.agent,
      port: port.port || record.dataSource,
      time: new Date(record.start).toISOString(),
    };
    if (url) {
      httpAsync({
        url,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(event),
        error: (message) => logWarning('icmp-unreachable:', message),
      });
    }
    // Facility 16 is local0, severity 5 a notice.
    if (syslogHost) syslog(syslogHost, syslogPort || 514, 16, 5, event);
    if (!url && !syslogHost) logInfo(JSON.stringify(event));
  },
  Object.keys(KEYS).map((what) => PREFIX + what),
);
