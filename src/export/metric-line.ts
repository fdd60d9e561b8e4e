/** A line of Prometheus text as the metric store writes it. */
export interface MetricLine {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/**
 * Reads `name{label="value",…} number`. Only for text of our own: anything else is undefined or wrong.
 */
export function readMetricLine(line: string): MetricLine | undefined {
  const brace = line.indexOf('{');
  const labels: Record<string, string> = {};
  if (brace < 0) return undefined;
  let at = brace + 1;
  while (line[at] !== '}') {
    const equals = line.indexOf('="', at);
    if (equals < 0) return undefined;
    const label = line.slice(at, equals);
    at = equals + 2;
    let end = line.indexOf('"', at);
    // A quote counts when an even number of backslashes is before it.
    while (end >= 0 && backslashesBefore(line, end) % 2 === 1) end = line.indexOf('"', end + 1);
    if (end < 0) return undefined;
    const text = line.slice(at, end);
    labels[label] = text.includes('\\') ? unescaped(text) : text;
    at = end + 1;
    if (line[at] === ',') at++;
  }
  return { name: line.slice(0, brace), labels, value: Number(line.slice(at + 2)) };
}

function backslashesBefore(line: string, at: number): number {
  let count = 0;
  while (line[at - 1 - count] === '\\') count++;
  return count;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
