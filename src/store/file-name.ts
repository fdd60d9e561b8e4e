import { createHash } from 'node:crypto';

/** What every file system takes, and none confuses with another name. */
const PLAIN_NAME = /^[a-z0-9_-][a-z0-9_.-]*$/;
/** Longer names would leave too little of the usual 255 bytes for endings. */
const MAX_PLAIN_LENGTH = 200;
const READABLE_LENGTH = 60;

/**
 * The file for a document of this name: `NAME.json` where that is safe. Names that are long, begin with a dot or hold
 * anything but lower-case letters, digits and `_.-` become a readable beginning and a digest: some file systems take
 * `A` and `a` for the same. Different names have different files.
 */
export function fileNameOf(name: string): string {
  if (name.length <= MAX_PLAIN_LENGTH && PLAIN_NAME.test(name)) return `${name}.json`;
  const readable = name
    .slice(0, READABLE_LENGTH)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '_');
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return `${readable}~${digest}.json`;
}
