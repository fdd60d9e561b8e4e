import { stat } from 'node:fs/promises';

/** Text that changes when the file is replaced or written; one of its own for a file that is not there. */
export async function looksOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'absent';
  }
}
