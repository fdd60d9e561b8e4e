import { Reader } from 'maxmind';
import { WeirError } from '../common/index.ts';
import type { AddressRecords } from '../lookup/index.ts';

/** Between the search tree and the data. */
const SEPARATOR_BYTES = 16;

/**
 * The records of a file of the MaxMind DB format, version 2. The bytes must stay as they are. Throws WeirError
 * GEO_BAD_FILE.
 */
export function openRecords(bytes: Uint8Array): AddressRecords {
  let reader: Reader<never>;
  try {
    reader = new Reader<never>(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw new WeirError('GEO_BAD_FILE', 'it is not in the MaxMind DB format', { cause });
  }
  const { ipVersion, searchTreeSize } = reader.metadata;
  if ((ipVersion !== 4 && ipVersion !== 6) || !(searchTreeSize + SEPARATOR_BYTES <= bytes.length))
    throw new WeirError('GEO_BAD_FILE', 'it is damaged');
  return { ipVersion, get: (address) => reader.get(address) };
}
