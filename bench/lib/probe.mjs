/** Samples that cross a threshold when they are told to. */
import { createSocket } from 'node:dgram';

const AGENT = '10.250.0.1';
const DESTINATION = [203, 0, 113, 1];

/** No packet of the load goes there. */
const FLOW = { keys: 'ipsource', value: 'bytes', filter: `ipdestination=${DESTINATION.join('.')}` };

/** The first sample of any data source is above it. */
const THRESHOLD = { metric: 'probe', value: 1 };

/** Where Weir tells of crossings: the newest event after the given one, as soon as there is one, an empty list after the time. */
export function crossingAfter(eventID, seconds) {
  return `events/json?thresholdID=probe&maxEvents=1&eventID=${eventID}&timeout=${seconds}`;
}

/** Set the flow definition and the threshold that a probe is for. */
export async function defineProbe(weir) {
  await weir.put('flow/probe/json', FLOW);
  await weir.put('threshold/probe/json', THRESHOLD);
}

/** An agent that sends nothing but what crosses the threshold. */
export async function createProbe(port) {
  // What is built rather than the source, which Node 20 does not read.
  const { datagram, encodeDatagram, flowSample, sampledHeader } = await import('../../dist/sflow.mjs');
  const socket = createSocket('udp4');
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    // A connected socket sends within the call.
    socket.connect(port, '127.0.0.1', resolve);
  });
  const records = [sampledHeader(udpPacket(), { frameLength: 1000 })];
  let sequence = 0;
  return {
    /** Send one sample, of a data source that has sent none. Gives the data source, and when on the clock of performance.now(). */
    cross() {
      const source = ++sequence;
      const sample = flowSample({ sourceId: source, input: source, output: 0, records });
      const bytes = encodeDatagram(
        datagram({ agentAddress: AGENT, sequenceNumber: sequence, samples: [sample] }),
      );
      const at = performance.now();
      socket.send(bytes);
      return { dataSource: String(source), at };
    },
    /** How many were sent. */
    sent: () => sequence,
    close: () => socket.close(),
  };
}

/** Ethernet, IPv4 and UDP headers. */
function udpPacket() {
  const ethernet = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00];
  const ip = [0x45, 0, 0x03, 0xd6, 0, 0, 0, 0, 64, 17, 0, 0, 198, 51, 100, 1, ...DESTINATION];
  const udp = [0x30, 0x39, 0x01, 0xbb, 0x03, 0xc2, 0, 0];
  return Uint8Array.from([...ethernet, ...ip, ...udp]);
}
