import { open, rename } from 'node:fs/promises';

/** Ending of files that are being written. One that is left behind holds nothing that was acknowledged. */
export const TEMPORARY_ENDING = '.tmp';

/**
 * Write a file whole or not at all: under another name first, brought to the disk, then renamed. The new name itself is
 * on the disk only after `syncFolder`.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = path + TEMPORARY_ENDING;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Bring the names in a folder to the disk: of files made, renamed and removed. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
