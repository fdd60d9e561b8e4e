import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { LOAD_DEFAULTS } from '../load/index.ts';
import { parseLoadArguments, sendLoad } from './load.ts';

describe('weir load', () => {
  it('has defaults for everything but the target', () => {
    expect(parseLoadArguments(['--to', '127.0.0.1:6343'])).toEqual({
      host: '127.0.0.1',
      port: 6343,
      allowRemote: false,
      load: LOAD_DEFAULTS,
      run: { rate: 1000, seconds: 10, interval: 0 },
    });
  });

  it('takes what is given', () => {
    const { load, run } = parseLoadArguments(
      '--to [::1]:1 --rate 0 --seconds 1.5 --agents 2 --ports 3 --flows 4 --samples 5 --mix mix --order sequential --seed 6'.split(
        ' ',
      ),
    );
    expect(load).toEqual({
      agents: 2,
      ports: 3,
      flows: 4,
      samples: 5,
      mix: 'mix',
      order: 'sequential',
      seed: 6,
    });
    expect(run).toEqual({ rate: 0, seconds: 1.5, interval: 0 });
  });

  it.each([
    [],
    ['--to', 'nowhere'],
    ['--to', '127.0.0.1:6343', '--seconds', '601'],
    ['--to', '127.0.0.1:6343', '--samples', '8'],
    ['--to', '127.0.0.1:6343', '--agents', '1.5'],
    ['--to', '127.0.0.1:6343', '--agents', '16000', '--ports', '1024'],
    ['--to', '127.0.0.1:6343', '--mix', 'v6'],
    ['--to', '127.0.0.1:6343', '--fast'],
    ['--to', '127.0.0.1:6343', 'now'],
  ])('refuses %j %j %j %j', (...args: string[]) => {
    expect(() => parseLoadArguments(args)).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
  });

  it('sends to another machine only when it is allowed to', async () => {
    const request = parseLoadArguments(['--to', '192.0.2.1:6343', '--seconds', '0']);
    await expect(sendLoad(request)).rejects.toMatchObject({ code: 'LOAD_REMOTE_TARGET' });
  });

  it('sends what it says it sent', async () => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    let datagrams = 0;
    let bytes = 0;
    socket.on('message', (message) => {
      datagrams++;
      bytes += message.length;
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const args = ['--to', `localhost:${socket.address().port}`, '--rate', '500', '--seconds', '0.4'];
    const totals = await sendLoad(parseLoadArguments(args));
    expect(totals.datagrams).toBeGreaterThan(100);
    await expect.poll(() => datagrams).toBe(totals.datagrams);
    expect(bytes).toBe(totals.bytes);
    socket.close();
  });
});
