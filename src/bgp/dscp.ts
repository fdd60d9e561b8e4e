/** Names of the code points of differentiated services (RFC 2474, 2597, 3246, 5865, 8622). */
const NAMES: Readonly<Record<string, number>> = {
  be: 0,
  le: 1,
  cs1: 8,
  af11: 10,
  af12: 12,
  af13: 14,
  cs2: 16,
  af21: 18,
  af22: 20,
  af23: 22,
  cs3: 24,
  af31: 26,
  af32: 28,
  af33: 30,
  cs4: 32,
  af41: 34,
  af42: 36,
  af43: 38,
  cs5: 40,
  va: 44,
  ef: 46,
  cs6: 48,
  cs7: 56,
};

const BY_VALUE = new Map(Object.entries(NAMES).map(([name, value]) => [value, name]));

/** The code point of a name or a number 0 to 63, or undefined. */
export function parseDscp(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (Object.hasOwn(NAMES, lower)) return NAMES[lower];
  return /^\d{1,2}$/.test(text) && Number(text) <= 63 ? Number(text) : undefined;
}

/** The name of a code point, its number where it has none. */
export function formatDscp(dscp: number): string {
  return BY_VALUE.get(dscp) ?? String(dscp);
}
