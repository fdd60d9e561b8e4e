/**
 * Whether a program's answer is the one that a page shows. Pages show real answers of a moment: what is a name, a key
 * or a word must be so now; numbers change, but none is of no account where the page shows something, and the reverse.
 * An exact comparison is for answers that do not depend on the moment.
 */

/** Where the page left something out. */
const ELLIPSIS = '…';
const NUMBER = String.raw`-?\d+(?:\.\d+)*(?:[eE][-+]?\d+)?`;

/** Members whose text depends on the moment: which of several switches saw most of a flow. */
const FICKLE: ReadonlySet<string> = new Set(['agent', 'dataSource']);

/** What is wrong with an answer, undefined when it agrees. */
export type Complaint = string | undefined;

/**
 * Compares JSON: each member and each element shown must be there, elements in the order shown; what the page does not
 * show is left aside. Several documents, one a line, are compared one by one. A line of `…` stands for anything.
 */
export function compareJson(shown: string, actual: string, exact = false): Complaint {
  const wanted = documents(withoutEllipses(shown));
  if (wanted === undefined) return 'what the page shows is not JSON';
  const found = documents(actual);
  if (found === undefined) return 'the answer is not JSON';
  return new Comparison(exact).elements(wanted, found, 'the answer');
}

/** Compares text line by line: `…` stands for anything; lines that are not shown are left aside. */
export function compareText(shown: string, actual: string, exact = false): Complaint {
  const variable = new RegExp(exact ? `(${ELLIPSIS})` : `(${ELLIPSIS}|${NUMBER})`);
  const lines = actual.split('\n').map(plain);
  let at = 0;
  for (const line of shown.split('\n').map(plain)) {
    if (line === '' || line === ELLIPSIS) continue;
    const pattern = linePattern(line, variable);
    while (at < lines.length && !pattern.test(lines[at])) at++;
    if (at++ >= lines.length) return `no line like "${line}"`;
  }
  return undefined;
}

function plain(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

/** @param variable what of the line may be otherwise, as the only group */
function linePattern(line: string, variable: RegExp): RegExp {
  const pattern = line.split(variable).map((part, i) => {
    if (i % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return part === ELLIPSIS ? '.*' : NUMBER;
  });
  return new RegExp(`^${pattern.join('')}$`);
}

/** JSON with lines of `…` taken out, and the commas that this leaves behind. */
function withoutEllipses(text: string): string {
  return text.replace(/^\s*…,?\s*$/gm, '').replace(/,(\s*[\]}])/g, '$1');
}

/** One JSON document, or several of one line each. */
function documents(text: string): unknown[] | undefined {
  const whole = parsed(text);
  if (whole !== undefined) return [whole.value];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const values = lines.map(parsed);
  if (values.length === 0 || values.includes(undefined)) return undefined;
  return values.map((document) => document?.value);
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

class Comparison {
  private readonly exact: boolean;

  constructor(exact: boolean) {
    this.exact = exact;
  }

  elements(shown: readonly unknown[], actual: readonly unknown[], where: string): Complaint {
    let at = 0;
    for (const [number, element] of shown.entries()) {
      let complaint: Complaint = `${where} has no element ${number + 1}`;
      for (; at < actual.length; at++) {
        complaint = this.value(element, actual[at], `element ${at + 1} of ${where}`);
        if (complaint === undefined) break;
      }
      if (at++ >= actual.length) return complaint;
    }
    return undefined;
  }

  private value(shown: unknown, actual: unknown, where: string, member = ''): Complaint {
    if (Array.isArray(shown)) {
      if (!Array.isArray(actual)) return `${where} is no list`;
      if (shown.length === 0) return actual.length === 0 ? undefined : `${where} is not empty`;
      return this.elements(shown, actual, where);
    }
    if (typeof shown === 'object' && shown !== null) return this.members(shown, actual, where);
    return shown === actual || (!this.exact && isAlike(shown, actual, member))
      ? undefined
      : `${where} is ${JSON.stringify(actual)}, not like ${JSON.stringify(shown)}`;
  }

  private members(shown: object, actual: unknown, where: string): Complaint {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
      return `${where} is no object`;
    for (const [name, value] of Object.entries(shown)) {
      if (!Object.hasOwn(actual, name)) return `${where} has no member ${name}`;
      const member = (actual as Record<string, unknown>)[name];
      const complaint = this.value(value, member, `${name} of ${where}`, name);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  }
}

/** Whether a value may stand for the one shown at another moment. */
function isAlike(shown: unknown, actual: unknown, member: string): boolean {
  if (typeof shown === 'number') return typeof actual === 'number' && (shown === 0) === (actual === 0);
  return typeof shown === 'string' && typeof actual === 'string' && FICKLE.has(member);
}
