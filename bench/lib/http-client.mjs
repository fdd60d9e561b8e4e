/**
 * Questions over HTTP/1.1 at little cost to who asks: what a client takes of the machine, and of a measured time, is to be
 * small beside what Weir takes. It knows no more of HTTP than Weir's answers need.
 */
import { connect } from 'node:net';

const END_OF_HEADERS = '\r\n\r\n';

/**
 * A client that keeps its connections, as many as it has questions at a time.
 * @param url where Weir answers
 */
export function createClient(url) {
  const { hostname, port, host } = new URL(url);
  const all = new Set();
  const idle = [];

  function open() {
    const socket = connect({ host: hostname, port, noDelay: true });
    const connection = new Connection(socket);
    all.add(connection);
    socket.once('close', () => {
      all.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    });
    return connection;
  }

  return {
    /**
     * Resolves when the whole answer is there: `text`, '' unless it is to be read; `at`, when that was, on the clock of
     * performance.now(); `ms`, how long it took. Rejects when there is no answer, or one that is no success.
     */
    async ask(path, { method = 'GET', body = '', read = false } = {}) {
      const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
      const connection = idle.pop() ?? open();
      const begin = performance.now();
      const request = `${method} /${path} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n${body}`;
      const { status, text, at } = await connection.exchange(request, read);
      idle.push(connection);
      if (status < 200 || status > 299) throw new Error(`${method} ${path} gives ${status}`);
      return { text, at, ms: at - begin };
    },
    close() {
      for (const connection of all) connection.close();
    },
  };
}

/** A connection with one question at a time. */
class Connection {
  constructor(socket) {
    this.socket = socket;
    this.exchanging = undefined;
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the connection was closed')));
  }

  exchange(request, read) {
    return new Promise((resolve, reject) => {
      this.exchanging = { resolve, reject, read, status: 0, missing: Number.NaN, parts: [] };
      this.socket.write(request);
    });
  }

  close() {
    this.socket.destroy();
  }

  take(chunk) {
    const { exchanging } = this;
    if (exchanging === undefined) return;
    const { parts, read } = exchanging;
    let body = chunk;
    if (exchanging.status === 0) {
      // Until the headers are whole, `parts` holds what there is of them.
      parts.push(chunk);
      const received = parts.length === 1 ? chunk : Buffer.concat(parts);
      const end = received.indexOf(END_OF_HEADERS);
      if (end < 0) return;
      parts.length = 0;
      const headers = received.latin1Slice(0, end);
      if (/^transfer-encoding:/im.test(headers)) return this.fail(new Error('the answer is in chunks'));
      exchanging.status = Number(headers.slice(9, 12));
      exchanging.missing = Number(/^content-length: *(\d+)/im.exec(headers)?.[1] ?? 0);
      body = received.subarray(end + END_OF_HEADERS.length);
    }
    exchanging.missing -= body.length;
    if (read) parts.push(body);
    if (exchanging.missing > 0) return;
    const at = performance.now();
    this.exchanging = undefined;
    exchanging.resolve({
      status: exchanging.status,
      text: read ? Buffer.concat(parts).toString() : '',
      at,
    });
  }

  fail(error) {
    const { exchanging } = this;
    this.exchanging = undefined;
    this.socket.destroy();
    exchanging?.reject(error);
  }
}
