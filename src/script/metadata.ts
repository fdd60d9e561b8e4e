/** What comments at the head of a script say about it (script-api section 1). */
export interface ScriptMetadata {
  /** `author`, `version`, `date`, `description`, `copyright`, where they are given. */
  readonly about: Readonly<Record<string, string>>;
  /** Name of the object that holds the engine's functions; undefined: they are global. */
  readonly wrapGlobals: string | undefined;
}

const SHOWN = new Set(['author', 'version', 'date', 'description', 'copyright']);

/** The lines `// key: value` before anything but comments and empty lines. */
export function readMetadata(text: string): ScriptMetadata {
  const about: Record<string, string> = {};
  let wrapGlobals: string | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (line.trim() === '') continue;
    if (!/^\s*\/\//.test(line)) break;
    const [, key, value] = /^\s*\/\/+\s*(\w+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || value === '') continue;
    if (SHOWN.has(key)) about[key] ??= value;
    else if (key === 'wrapglobals' && /^[A-Za-z_$][\w$]*$/.test(value)) wrapGlobals ??= value;
  }
  return { about, wrapGlobals };
}
