import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Head and body as they came, the body decoded when it is quoted-printable. */
  readonly text: string;
  readonly user: string | undefined;
}

/** An SMTP server on a free port of loopback that keeps what it gets. */
export class MailServer {
  readonly got: Mail[] = [];
  readonly port: number;
  private readonly server: SMTPServer;

  private constructor(server: SMTPServer, got: Mail[]) {
    this.server = server;
    this.got = got;
    this.port = (server.server.address() as AddressInfo).port;
  }

  static async open(options: SMTPServerOptions = {}): Promise<MailServer> {
    const got: Mail[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disableReverseLookup: true,
      onAuth({ username, password }, _session, done) {
        if (password === 'secret') done(null, { user: username });
        else done(new Error('no such user'));
      },
      async onData(stream, { envelope, user }, done) {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        got.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('utf8'),
          user: user === undefined ? undefined : String(user),
        });
        done();
      },
      ...options,
    });
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return new MailServer(server, got);
  }

  close(): void {
    this.server.close();
  }
}
