import { WeirError } from '../common/index.ts';

/** Vendors by the first 24, 28 or 36 bits of a MAC address (IEEE registries MA-L, MA-M and MA-S). */
export interface OuiTable {
  /** Number of assignments. */
  readonly size: number;
  /** Vendor of the MAC address with these upper 16 and lower 32 bits, by its longest assignment. */
  lookup(high16: number, low32: number): string | undefined;
}

/** `00-0C-29   (hex)      VMware, Inc.` */
const HEX_LINE = /^([0-9A-F]{2})[-:]?([0-9A-F]{2})[-:]?([0-9A-F]{2})\s+\(hex\)\s+(\S.*)$/i;
/** `000C29     (base 16)   VMware, Inc.`; in the registries of smaller blocks `D00000-DFFFFF`. */
const BASE16_LINE = /^([0-9A-F]{6})(?:-([0-9A-F]{6}))?\s+\(base 16\)/i;
/** `MA-L,000C29,"VMware, Inc.",…` */
const CSV_LINE = /^[^,"]+,([0-9A-F]{6,9}),(?:"((?:[^"]|"")*)"|([^,]*))/i;
/** `000C29 VMWARE` */
const PLAIN_LINE = /^([0-9A-F]{6}(?:[0-9A-F]{1}|[0-9A-F]{3})?)\s+([^\s(].*)$/i;

/**
 * A list of vendors: the registries of the IEEE as text (`oui.txt`, `mam.txt`, `oui36.txt`) or CSV, or plain lines
 * `000C29 VENDOR`. Other lines are skipped; throws WeirError OUI_BAD_FILE when no line is an assignment.
 */
export function parseOuiFile(text: string): OuiTable {
  const table = new Table();
  // In the text form two lines make an assignment: the first has the upper 24 bits, the second the block within.
  let pending: { oui: string; name: string } | undefined;
  const commit = (digits: string): void => {
    if (pending !== undefined) table.add(pending.oui + digits, pending.name);
    pending = undefined;
  };
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    let found: RegExpExecArray | null;
    if ((found = HEX_LINE.exec(line)) !== null) {
      commit('');
      pending = { oui: found[1] + found[2] + found[3], name: found[4] };
    } else if ((found = BASE16_LINE.exec(line)) !== null) {
      commit(commonDigits(found[1], found[2]));
    } else if ((found = CSV_LINE.exec(line)) !== null) {
      table.add(found[1], found[2]?.replaceAll('""', '"') ?? found[3]);
    } else if ((found = PLAIN_LINE.exec(line)) !== null) {
      table.add(found[1], found[2]);
    }
  }
  commit('');
  if (table.size === 0)
    throw new WeirError('OUI_BAD_FILE', 'the list of vendors has no line that assigns one');
  return table;
}

/** The digits that the ends of a block share: those of its prefix. */
function commonDigits(first: string, last: string | undefined): string {
  if (last === undefined) return '';
  let n = 0;
  while (n < first.length && first[n].toUpperCase() === last[n].toUpperCase()) n++;
  return first.slice(0, n);
}

class Table implements OuiTable {
  readonly #by24 = new Map<number, string>();
  readonly #by28 = new Map<number, string>();
  readonly #by36 = new Map<number, string>();

  get size(): number {
    return this.#by24.size + this.#by28.size + this.#by36.size;
  }

  /** The first name of an assignment stays. Prefixes of other lengths are no registry's. */
  add(digits: string, name: string): void {
    const names = { 6: this.#by24, 7: this.#by28, 9: this.#by36 }[digits.length];
    const key = Number.parseInt(digits, 16);
    if (names !== undefined && !names.has(key)) names.set(key, name.trim());
  }

  lookup(high16: number, low32: number): string | undefined {
    const high = high16 & 0xffff;
    const low = low32 >>> 0;
    return (
      this.#by36.get(high * 2 ** 20 + (low >>> 12)) ??
      this.#by28.get(high * 2 ** 12 + (low >>> 20)) ??
      this.#by24.get(high * 2 ** 8 + (low >>> 24))
    );
  }
}
