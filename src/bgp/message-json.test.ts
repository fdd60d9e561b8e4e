import { describe, expect, it } from 'vitest';
import { parseFlowSpecRule } from './flowspec-json.ts';
import { announceFlowSpecRule, ruleRoute, withdrawFlowSpecRule } from './flowspec-rule.ts';
import { messageJson } from './message-json.ts';
import { KEEPALIVE } from './messages.ts';
import { shutdownNotification } from './notification.ts';
import { announceRoute } from './route.ts';
import { parseRoute } from './route-json.ts';
import { hex } from './testing/hex.ts';
import type { UpdateMessage } from './update.ts';

describe('messageJson', () => {
  it('tells the capabilities of OPEN with names of families', () => {
    const json = messageJson({
      type: 'open',
      as: 65000,
      holdTime: 180,
      identifier: '1.2.3.4',
      capabilities: [
        { kind: 'multiprotocol', afi: 1, safi: 133 },
        { kind: 'add-path', families: [{ afi: 2, safi: 1, mode: 'both' }] },
        { kind: 'route-refresh' },
        { kind: 'unknown', code: 9, value: hex('0102') },
      ],
    });
    expect(json['capabilities']).toEqual([
      { kind: 'multiprotocol', family: 'ipv4-flowspec' },
      { kind: 'add-path', families: [{ mode: 'both', family: 'ipv6-unicast' }] },
      { kind: 'route-refresh' },
      { kind: 'unknown', code: 9, value: '0102' },
    ]);
  });

  it('tells a rule by match and then', () => {
    // biome-ignore lint/suspicious/noThenProperty: the name that clients write.
    const parsed = parseFlowSpecRule({ match: { destination: '10.1.1.1' }, then: { 'traffic-rate': 0 } });
    if (!parsed.ok) throw new Error(parsed.reason);
    const match = { destination: '10.1.1.1/32', version: '4' };
    expect(messageJson(announceFlowSpecRule(parsed.value.rule, ruleRoute(65000, true)))).toEqual({
      type: 'update',
      attributes: { origin: 'IGP', asPath: '65000', extendedCommunities: ['128:6:0'] },
      reach: { family: 'ipv4-flowspec', matches: [match] },
      actions: { 'traffic-rate': '0.0' },
    });
    expect(messageJson(withdrawFlowSpecRule(parsed.value.rule))).toEqual({
      type: 'update',
      attributes: {},
      unreach: { family: 'ipv4-flowspec', matches: [match] },
    });
  });

  it('tells routes, also those that stay bytes', () => {
    const parsed = parseRoute({ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', communities: '65535:666' });
    if (!parsed.ok) throw new Error(parsed.reason);
    const update: UpdateMessage = {
      ...announceRoute(parsed.value, 65000, true),
      withdrawn: [{ prefix: parsed.value.prefix, pathId: 7 }],
      unreach: { family: 'unknown', afi: 25, safi: 70, bytes: hex('00ff') },
    };
    expect(messageJson(update)).toEqual({
      type: 'update',
      withdrawn: [{ prefix: '10.0.0.0/8', pathId: 7 }],
      announced: ['10.0.0.0/8'],
      attributes: { origin: 'IGP', asPath: '65000', nextHop: '192.0.2.1', communities: ['65535:666'] },
      unreach: { family: 'AFI 25 SAFI 70', bytes: '00ff' },
    });
  });

  it('tells the others', () => {
    expect(messageJson(KEEPALIVE)).toEqual({ type: 'keepalive' });
    expect(messageJson({ type: 'route-refresh', afi: 2, safi: 1, subtype: 0 })).toEqual({
      type: 'route-refresh',
      family: 'ipv6-unicast',
      subtype: 0,
    });
    expect(messageJson(shutdownNotification(2, 'hi'))).toEqual({
      type: 'notification',
      code: 6,
      subcode: 2,
      data: '026869',
      text: 'Cease: Administrative Shutdown (hi)',
    });
  });
});
