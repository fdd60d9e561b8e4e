import { describe, expect, it } from 'vitest';
import {
  ifAdminStatusName,
  ifDirectionName,
  ifOperStatusName,
  ifTypeName,
  machineTypeName,
  osName,
  virtualCpuStateName,
} from './enumerations.ts';

describe('14.3 enumerations', () => {
  it.each([
    [1, 'other'],
    [6, 'ethernetCsmacd'],
    [24, 'softwareLoopback'],
    [53, 'propVirtual'],
    [131, 'tunnel'],
    [135, 'l2vlan'],
    [136, 'l3ipvlan'],
    [145, 'if-gsn'],
    [161, 'ieee8023adLag'],
    [209, 'bridge'],
    [250, 'gpon'],
    [251, 'unknown(251)'],
    [0, 'unknown(0)'],
    [4294967294, 'unknown(4294967294)'],
  ])('iftype %d is %s', (type, name) => {
    expect(ifTypeName(type)).toBe(name);
  });

  it.each([
    [ifDirectionName, 1, 'full-duplex'],
    [ifDirectionName, 4, 'out'],
    [ifDirectionName, 5, 'unknown(5)'],
    [machineTypeName, 3, 'x86_64'],
    [machineTypeName, 12, 's390'],
    [machineTypeName, 13, 'unknown(13)'],
    [osName, 2, 'linux'],
    [osName, 13, 'java'],
    [osName, 14, 'unknown(14)'],
    [virtualCpuStateName, 1, 'running'],
    [virtualCpuStateName, 7, 'pmsuspended'],
    [virtualCpuStateName, 8, 'unknown(8)'],
  ])('%o of %d is %s', (nameOf, value, name) => {
    expect(nameOf(value)).toBe(name);
  });

  it('ifstatus holds two bits', () => {
    expect([0, 1, 2, 3].map(ifAdminStatusName)).toEqual(['down', 'up', 'down', 'up']);
    expect([0, 1, 2, 3].map(ifOperStatusName)).toEqual(['down', 'down', 'up', 'up']);
  });
});
