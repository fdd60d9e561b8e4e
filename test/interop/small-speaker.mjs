/** A BGP speaker from the library alone: learns routes, asks for one, and pushes a FlowSpec rule. */
import { connect } from 'node:net';
import * as bgp from 'weir/bgp';

const [address, port, as, wanted] = process.argv.slice(2);
const rule = bgp.parseFlowSpecRule(JSON.parse(process.argv[6])).value.rule;
const routes = new bgp.AdjRibIn();
const timers = {
  now: Date.now,
  after: (ms, run) => clearTimeout.bind(null, setTimeout(run, ms)),
  random: Math.random,
};
const settings = {
  localAs: Number(as),
  identifier: '192.0.2.77',
  families: ['ipv4-unicast', 'ipv4-flowspec'],
  addPath: 'none',
  holdTime: 90,
  restartTime: 0,
  longLivedTime: 0,
  hostName: '',
  compatible: false,
  remoteAs: undefined,
  endOfRibMs: 0,
  sendHoldMs: 60_000,
  active: true,
  connectRetryMs: 500,
  profile: bgp.PLAIN_PROFILE,
}; // prettier-ignore
const neighbor = new bgp.Neighbor(settings, {
  timers,
  learnt: routes,
  log: (_, line) => console.error(line),
  opened: (session) => session.send(bgp.announceFlowSpecRule(rule, bgp.ruleRoute(settings.localAs, true))),
  closed: () => undefined,
  dial: ({ connected, failed }) => {
    const socket = connect(Number(port), address, () => {
      const session = connected({
        write: (bytes) => void socket.write(bytes),
        queued: () => socket.writableLength,
        end: () => socket.end(),
        destroy: () => socket.destroy(),
      });
      socket
        .on('data', (bytes) => session.receive(bytes))
        .on('close', () => session.connectionEnded('closed'));
    }).on('error', (error) => failed(error.message)); // prettier-ignore
    return () => socket.destroy();
  },
});
neighbor.start();
const look = setInterval(() => {
  const route = routes.routeForAddress(wanted);
  if (route === undefined) return;
  console.log(JSON.stringify(route));
  clearInterval(look);
}, 50);
process.on('SIGTERM', () => process.exit(neighbor.stop(bgp.ADMINISTRATIVE_SHUTDOWN, 'done')));
