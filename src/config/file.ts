import { WeirError } from '../common/index.ts';

export interface FileEntry {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Entries of a properties file: `name=value` lines, blank lines, and comments that begin with `#`. Blanks around
 * names and values do not count. Throws WeirError CONFIG_BAD_FILE for a line that is none of these.
 */
export function parsePropertiesFile(text: string, file: string): FileEntry[] {
  const entries: FileEntry[] = [];
  for (const [i, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    if (equals < 1)
      throw new WeirError('CONFIG_BAD_FILE', `${file} line ${i + 1} is not of the form name=value: ${line}`);
    entries.push({ name: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim(), line: i + 1 });
  }
  return entries;
}
