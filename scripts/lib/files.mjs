import { renameSync, writeFileSync } from 'node:fs';

/** Writes beside and renames, so that a reader sees the old file or the new one and nothing in between. */
export function writeFileAtomic(path, contents) {
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, contents);
  renameSync(beside, path);
}
