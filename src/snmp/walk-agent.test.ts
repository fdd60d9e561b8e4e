import { describe, expect, it } from 'vitest';
import type { SnmpSession, SnmpValue } from './snmp-session.ts';
import { walkAgent } from './walk-agent.ts';

const SYS_NAME = '1.3.6.1.2.1.1.5.0';
const DESCR = '1.3.6.1.2.1.2.2.1.2';
const NAME = '1.3.6.1.2.1.31.1.1.1.1';
const SPEED = '1.3.6.1.2.1.31.1.1.1.15';
const ALIAS = '1.3.6.1.2.1.31.1.1.1.18';

const text = (value: string) => Buffer.from(value);

/** An agent that has these values, in this order; counts what it is asked. */
function agent(values: readonly SnmpValue[], sysName: unknown = text('leaf1')) {
  const requests: string[] = [];
  const session: SnmpSession = {
    async get(oid) {
      requests.push(oid);
      return sysName;
    },
    async getBulk(oid, count) {
      requests.push(oid);
      const numbers = (one: string) => one.split('.').map(Number);
      const after = values.findIndex(({ oid: at }) => isAfter(numbers(at), numbers(oid)));
      return after < 0 ? [] : values.slice(after, after + count);
    },
    close() {},
  };
  return { session, requests };
}

function isAfter(one: number[], other: number[]): boolean {
  for (let i = 0; i < one.length; i++) {
    if (other[i] === undefined || one[i] > other[i]) return true;
    if (one[i] < other[i]) return false;
  }
  return false;
}

describe('walkAgent', () => {
  it('reads names, aliases and speeds, each in its own column', async () => {
    const { session } = agent([
      { oid: `${DESCR}.1`, value: text('Ethernet 1') },
      { oid: `${NAME}.1`, value: text('swp1') },
      { oid: `${NAME}.10`, value: text('swp10 ') },
      { oid: `${SPEED}.1`, value: 25_000 },
      { oid: `${SPEED}.10`, value: 0 },
      { oid: `${ALIAS}.1`, value: text('') },
      { oid: `${ALIAS}.10`, value: text('zu\u0000m\nSpine ü') },
      { oid: '1.3.6.1.2.1.31.1.1.1.19.1', value: 7 },
    ]);
    expect(await walkAgent(session, true)).toEqual({
      hostName: 'leaf1',
      interfaces: {
        '1': { name: 'swp1', speed: 25_000_000_000 },
        '10': { name: 'swp10', alias: 'zumSpine ü' },
      },
      wrongValues: 0,
    });
  });

  it('asks for the name alone when that is all that is wanted', async () => {
    const { session, requests } = agent([{ oid: `${NAME}.1`, value: text('swp1') }]);
    expect(await walkAgent(session, false)).toEqual({ hostName: 'leaf1', interfaces: {}, wrongValues: 0 });
    expect(requests).toEqual([SYS_NAME]);
  });

  it('takes descriptions of agents without names', async () => {
    const { session } = agent([{ oid: `${DESCR}.3`, value: text('GigabitEthernet0/3') }]);
    expect((await walkAgent(session, true)).interfaces).toEqual({ '3': { name: 'GigabitEthernet0/3' } });
  });

  it('10,000 interfaces in some 400 requests for a column', async () => {
    const values = Array.from({ length: 10_000 }, (_, i) => ({
      oid: `${NAME}.${i + 1}`,
      value: text(`p${i}`),
    }));
    const { session, requests } = agent(values);
    expect(Object.keys((await walkAgent(session, true)).interfaces)).toHaveLength(10_000);
    expect(requests.length).toBeLessThan(410);
  });

  it('passes over values that are no names, and counts them', async () => {
    const { session } = agent(
      [
        { oid: `${NAME}.1`, value: 42 },
        { oid: `${NAME}.2`, value: text('swp2') },
        { oid: `${SPEED}.1`, value: text('fast') },
        { oid: `${SPEED}.2`, value: -1 },
        { oid: `${ALIAS}.1`, value: { nonsense: true } },
      ],
      12,
    );
    expect(await walkAgent(session, true)).toEqual({
      hostName: undefined,
      interfaces: { '2': { name: 'swp2' } },
      wrongValues: 5,
    });
  });

  it('ends with agents that go in circles', async () => {
    const { session, requests } = agent([]);
    session.getBulk = async (oid) => {
      requests.push(oid);
      return [
        { oid: `${NAME}.1`, value: text('a') },
        { oid: `${NAME}.2`, value: text('b') },
      ];
    };
    await expect(walkAgent(session, true)).rejects.toMatchObject({ code: 'SNMP_NOT_INCREASING' });
    expect(requests).toHaveLength(3);
  });

  it('ends with agents without end', async () => {
    const { session, requests } = agent([]);
    let next = 0;
    session.getBulk = async (oid, count) => {
      requests.push(oid);
      return Array.from({ length: count }, () => ({ oid: `${NAME}.${++next}`, value: text('x') }));
    };
    await expect(walkAgent(session, true)).rejects.toMatchObject({ code: 'SNMP_TOO_MANY' });
    expect(requests.length).toBeLessThan(1000);
  });

  it.each([
    ['another table', '1.3.6.1.4.1.9.1'],
    ['two numbers', `${NAME}.1.1`],
    ['no number', NAME],
  ])('an answer with %s ends the column', async (_what, oid) => {
    const { session } = agent([]);
    session.getBulk = async () => [{ oid, value: text('x') }];
    expect((await walkAgent(session, true)).interfaces).toEqual({});
  });
});
