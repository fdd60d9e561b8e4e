import { WeirError } from '../common/index.ts';
import { DgramSender } from './dgram-sender.ts';
import { createMmsgSender } from './mmsg-sender.ts';
import type { DatagramRing, RingSender } from './sender.ts';
import type { Target } from './target.ts';

/**
 * The fastest sender there is here: `sendmmsg` on Linux where koffi loads, else node:dgram. Throws a WeirError
 * `LOAD_SOCKET` when the target cannot be reached at all.
 */
export async function createSender(ring: DatagramRing, target: Target): Promise<RingSender> {
  try {
    return await createMmsgSender(ring, target);
  } catch (error) {
    if (error instanceof WeirError) throw error;
    return DgramSender.open(ring, target);
  }
}
