import type { ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

/** What the HTTP side has done since start. */
export interface HttpCounters {
  readonly connectionsCurrent: number;
  readonly connectionsTotal: number;
  readonly messagesReceived: number;
  readonly messagesSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export interface HttpMeter {
  /** Counts the connections of a server from now on. */
  watch(server: Server): void;
  /** Counts a request and, when it has gone out, its response. */
  count(response: ServerResponse): void;
  read(): HttpCounters;
}

export function createHttpMeter(): HttpMeter {
  const open = new Set<Socket>();
  let connectionsTotal = 0;
  let messagesReceived = 0;
  let messagesSent = 0;
  let closedBytesReceived = 0;
  let closedBytesSent = 0;

  return {
    watch(server) {
      server.on('connection', (socket: Socket) => {
        connectionsTotal++;
        open.add(socket);
        socket.once('close', () => {
          open.delete(socket);
          closedBytesReceived += socket.bytesRead;
          closedBytesSent += socket.bytesWritten;
        });
      });
    },
    count(response) {
      messagesReceived++;
      response.once('finish', () => messagesSent++);
    },
    read() {
      let bytesReceived = closedBytesReceived;
      let bytesSent = closedBytesSent;
      for (const socket of open) {
        bytesReceived += socket.bytesRead;
        bytesSent += socket.bytesWritten;
      }
      return {
        connectionsCurrent: open.size,
        connectionsTotal,
        messagesReceived,
        messagesSent,
        bytesReceived,
        bytesSent,
      };
    },
  };
}
