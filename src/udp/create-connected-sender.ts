import { isIPv6 } from 'node:net';
import { isWeirError } from '../common/index.ts';
import type { ConnectedSender } from './connected-sender.ts';
import { DgramConnectedSender } from './connected-sender-dgram.ts';
import { MmsgConnectedSender } from './connected-sender-mmsg.ts';
import { loadNative } from './native.ts';

/** `sendmmsg` where it is to be had, else node:dgram. `address` is the text of an IPv4 or IPv6 address. */
export async function createConnectedSender(address: string, port: number): Promise<ConnectedSender> {
  try {
    return new MmsgConnectedSender(loadNative(), address, port);
  } catch (error) {
    if (!isWeirError(error)) throw error;
    return DgramConnectedSender.open(isIPv6(address) ? 'udp6' : 'udp4', address, port);
  }
}
