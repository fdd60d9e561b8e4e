import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface WebRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Handle = (request: WebRequest, response: ServerResponse) => void;

/** A web server on a free port of loopback that keeps what it gets. */
export class WebServer {
  /** Oldest first. */
  readonly got: WebRequest[] = [];
  readonly url: string;
  private readonly server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>, scheme: string, host: string) {
    this.server = server;
    this.url = `${scheme}://${host}:${(server.address() as AddressInfo).port}`;
  }

  /** @param tls PEM; the server is then called `localhost` */
  static async open(handle: Handle, tls?: { key: string; cert: string }): Promise<WebServer> {
    let self: WebServer | undefined;
    const listener = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      self?.got.push(request);
      handle(request, response);
    };
    const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    self =
      tls === undefined
        ? new WebServer(server, 'http', '127.0.0.1')
        : new WebServer(server, 'https', 'localhost');
    return self;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
