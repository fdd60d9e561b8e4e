import type { Realm } from './realm.ts';
import type { SourceBook } from './source-book.ts';

/** What a script's user reads: `FILE#LINE text`, as `app/x/scripts/x.js#3 ReferenceError: "x" is not defined.` */
export function describeFault(caught: unknown, main: string, realm: Realm, sources: SourceBook): string {
  try {
    const { file, line } = placeOf(caught, realm, sources) ?? { file: main, line: 1 };
    return `${file}#${line} ${textOf(caught, realm)}`;
  } catch {
    // A value whose conversion to text throws, or worse.
    return `${main}#1 something that is no text`;
  }
}

function placeOf(
  caught: unknown,
  realm: Realm,
  sources: SourceBook,
): { file: string; line: number } | undefined {
  if (hasText(caught, 'at')) {
    const [, file, line] = /^(.*)#(\d+)$/.exec(caught.at) ?? [];
    if (file !== undefined) return { file, line: Number(line) };
  }
  if (isSyntaxFault(caught)) return { file: caught.fileName, line: caught.lineNumber };
  if (hasText(caught, 'stack'))
    for (const frame of caught.stack.split('\n')) {
      const [, file, line] = /^\s+at (?:.*? \()?(?:eval at .*?\()?(.+?):(\d+):\d+\)?/.exec(frame) ?? [];
      if (file !== undefined && sources.has(file)) return { file, line: Number(line) };
    }
  const place = realm.placeOf(caught);
  const file = place === undefined ? undefined : sources.nameOf(place.file);
  return place === undefined || file === undefined ? undefined : { file, line: place.line };
}

function textOf(caught: unknown, realm: Realm): string {
  if (!isErrorLike(caught)) return realm.text(caught);
  const { name, message } = caught;
  if (name === 'SyntaxError' && (isSyntaxFault(caught) || hasText(caught, 'at')))
    return `syntax error: ${message}`;
  const unknown = name === 'ReferenceError' ? /^(\S+) is not defined$/.exec(message) : null;
  if (unknown !== null) return `ReferenceError: "${unknown[1]}" is not defined.`;
  return message === '' ? name : `${name}: ${message}`;
}

/** Text that is no program, raised by `include`. */
function isSyntaxFault(caught: unknown): caught is { fileName: string; lineNumber: number } {
  return (
    isErrorLike(caught) &&
    caught.name === 'SyntaxError' &&
    'fileName' in caught &&
    typeof caught.fileName === 'string'
  );
}

function isErrorLike(value: unknown): value is { name: string; message: string } {
  return hasText(value, 'name') && hasText(value, 'message');
}

function hasText<K extends string>(value: unknown, member: K): value is Record<K, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<string, unknown>)[member] === 'string'
  );
}
