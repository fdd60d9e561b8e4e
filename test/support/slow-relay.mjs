/**
 * Passes UDP datagrams on, and answers back after a while: a device that is slow to answer.
 * Usage: node slow-relay.mjs ADDRESS TARGET PORT DELAY_MS
 */
import { createSocket } from 'node:dgram';

const [address, target, port, delay] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (question, client) => {
  const own = createSocket('udp4');
  own.once('message', (answer) => {
    own.close();
    setTimeout(() => socket.send(answer, client.port, client.address), Number(delay));
  });
  own.send(question, Number(port), target);
});
socket.bind(Number(port), address);
