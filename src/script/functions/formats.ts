import { types } from 'node:util';
import { formatDateByPattern } from '../format-date.ts';
import { formatByPattern, type NumberPattern, parseNumberPattern } from '../format-number.ts';
import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, numberOf } from './arguments.ts';

const DEFAULT_DATE_PATTERN = "yyyy-MM-dd'T'HH:mm:ssXXX";
/** Patterns whose reading is remembered. */
const MAX_PATTERNS = 100;

/** Section 10: dates and numbers by the patterns of Java. */
export const formatFunctions: ScriptArea = (host) => {
  const patterns = new Map<string, NumberPattern>();
  return {
    formatDate(date, pattern) {
      if (!types.isDate(date) || Number.isNaN(date.getTime()))
        throw host.error(`Cannot convert ${date} to java.util.Date`);
      const text = isAbsent(pattern) ? DEFAULT_DATE_PATTERN : String(pattern);
      return withMessage(host, () => formatDateByPattern(date, text));
    },
    formatNumber(value, pattern) {
      const number = numberOf(value) ?? Number.NaN;
      const text = isAbsent(pattern) ? '' : String(pattern);
      let parsed = patterns.get(text);
      if (parsed === undefined) {
        parsed = withMessage(host, () => parseNumberPattern(text));
        if (patterns.size >= MAX_PATTERNS) patterns.clear();
        patterns.set(text, parsed);
      }
      return formatByPattern(number, parsed);
    },
  };
};

function withMessage<T>(host: ScriptHost, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw host.error(error instanceof Error ? error.message : String(error));
  }
}
