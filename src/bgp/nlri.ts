import { u32 } from '../common/index.ts';
import type { ByteWriter } from './byte-writer.ts';
import { bytesOfBits, type Prefix, prefixAt, writePrefixBytes } from './prefix.ts';
import { bad, good, type Result } from './result.ts';

/** A unicast destination as it is announced or withdrawn. */
export interface UnicastNlri {
  readonly prefix: Prefix;
  /** Path identifier (RFC 7911), where ADD-PATH is in use for the family. */
  readonly pathId: number | undefined;
}

/** Reads the destinations in the bytes from `at` to `end` (RFC 4271 4.3, RFC 7911 3). */
export function readUnicastNlri(
  bytes: Uint8Array,
  at: number,
  end: number,
  version: 4 | 6,
  addPath: boolean,
): Result<UnicastNlri[]> {
  const list: UnicastNlri[] = [];
  const most = version === 4 ? 32 : 128;
  while (at < end) {
    let pathId: number | undefined;
    if (addPath) {
      if (end - at < 5) return bad('a path identifier is cut short');
      pathId = u32(bytes, at);
      at += 4;
    }
    const length = bytes[at++];
    if (length > most) return bad(`prefix length ${length} is above ${most}`);
    const size = bytesOfBits(length);
    if (size > end - at) return bad(`a prefix of ${length} bits is cut short`);
    list.push({ prefix: prefixAt(bytes, at, version, length), pathId });
    at += size;
  }
  return good(list);
}

/** Writes destinations; a path identifier is written where one is given. */
export function writeUnicastNlri(writer: ByteWriter, list: readonly UnicastNlri[]): void {
  for (const { prefix, pathId } of list) {
    if (pathId !== undefined) writer.u32(pathId);
    writer.u8(prefix.length);
    writePrefixBytes(writer, prefix);
  }
}
