import { expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';
import { tcpHeader } from '../support/synthetic-agent.ts';

/* Scripts ask the receiving thread themselves, whether it blocks for datagrams or is woken by events. */

const ASKS = `
setFlow('pairs', {keys: 'ipsource,ipdestination', value: 'bytes', t: 60});
var ticks = 0;
setIntervalHandler(function() { ticks++; flowKeys(); }, 1);
setHttpHandler(function() {
  var rows;
  for (var i = 0; i < 200; i++) rows = activeFlows('ALL', 'pairs', 5);
  return {rows: rows, ticks: ticks};
});
`;

it.each(['recvmmsg', 'dgram'])(
  '%s answers several scripts at once, while datagrams come',
  async (receiver) => {
    const names = ['a.js', 'b.js', 'c.js', 'd.ts'];
    const weir = await ScriptWeir.serve(
      Object.fromEntries(names.map((name) => [name, ASKS])),
      `-Dengine.receiver=${receiver}`,
    );
    const agent = weir.weir.agent();
    const deliver = (): Promise<void> =>
      weir.weir.deliver(
        ...Array.from({ length: 50 }, () =>
          agent.datagram([agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]),
        ),
      );
    await weir.until(
      () => weir.get<object>('/flow/json'),
      (flows) => 'pairs' in flows,
    );
    await deliver();
    const [answers] = await Promise.all([
      Promise.all(
        names.map((name) => weir.get<{ rows: { key: string; value: number }[] }>(`/script/${name}/json`)),
      ),
      deliver(),
      weir.get('/activeflows/ALL/pairs/json'),
    ]);
    for (const { rows } of answers) {
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ key: '10.0.0.1,10.0.0.2', agent: agent.address });
      expect(rows[0].value).toBeGreaterThan(0);
    }
    for (const name of names)
      await weir.until(
        () => weir.get<{ ticks: number }>(`/script/${name}/json`),
        ({ ticks }) => ticks >= 2,
      );
    await weir.end();
  },
);

it('a script that loops does not keep the program from ending', async () => {
  const weir = await ScriptWeir.serve({
    'loops.js': 'while (true);\n',
    'asks.js': 'while (true) flowKeys();\n',
  });
  await weir.until(
    () => weir.log,
    (log) => log.includes('asks.js started') && log.includes('loops.js started'),
  );
  const asked = Date.now();
  await weir.end();
  expect(Date.now() - asked).toBeLessThan(10_000);
});
