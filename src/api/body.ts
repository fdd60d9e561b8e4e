import { isWeirError, WeirError } from '../common/index.ts';

/** No document of the API needs more than a few levels; deeper ones are only sent to break parsers. */
const MAX_DEPTH = 32;

/**
 * The JSON object of a request body, whatever its Content-Type. Throws `HTTP_BAD_BODY` for an empty body, text that
 * is not JSON, anything but an object, and nesting beyond 32 levels.
 */
export function readBody(bytes: unknown): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.isBuffer(bytes) ? bytes.toString('utf8') : '');
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw badBody('is not a JSON object');
    if (!withinDepth(value, MAX_DEPTH)) throw badBody(`is nested deeper than ${MAX_DEPTH} levels`);
    return value as Record<string, unknown>;
  } catch (cause) {
    throw isWeirError(cause) ? cause : badBody('is not JSON', cause);
  }
}

function withinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  for (const member of Object.values(value)) if (!withinDepth(member, levels - 1)) return false;
  return true;
}

function badBody(problem: string, cause?: unknown): WeirError {
  return new WeirError('HTTP_BAD_BODY', `the request body ${problem}`, { cause });
}
