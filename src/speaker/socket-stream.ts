import type { Socket } from 'node:net';
import type { Session, SessionStream } from '../bgp/index.ts';

/** How long the last bytes of a session, usually a NOTIFICATION, may take on their way out. */
const LINGER_MS = 2000;

/** A socket as sessions want it. */
export function streamOf(socket: Socket): SessionStream {
  return {
    write(bytes) {
      if (!socket.destroyed && socket.writable) socket.write(bytes);
    },
    queued: () => socket.writableLength,
    end() {
      if (socket.destroyed) return;
      socket.end();
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    },
    destroy: () => void socket.destroy(),
  };
}

/** Hands what comes from a socket to its session. `ended`: after the last of it. */
export function feed(socket: Socket, session: Session, ended: () => void): void {
  let reason = 'the connection was closed';
  socket.setNoDelay(true);
  socket.on('data', (bytes) => session.receive(bytes));
  socket.on('error', (error) => {
    reason = `the connection broke: ${error.message}`;
  });
  socket.on('end', () => {
    session.connectionEnded(reason);
    socket.end();
  });
  socket.on('close', () => {
    session.connectionEnded(reason);
    ended();
  });
}

/** An address without the form in which a socket for both families shows those of IPv4. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
}
