import { parseIPv4, parseIPv6 } from '../common/index.ts';
import { RecentCache } from './recent-cache.ts';

/** Records of addresses, from a file of the MaxMind DB format. */
export interface AddressRecords {
  /** 4: the file has no IPv6 addresses, and must not be asked for them. */
  readonly ipVersion: number;
  /** Record of the longest prefix that holds the address, else null. May throw where the file is damaged. */
  get(address: string): unknown;
}

export interface Country {
  /** ISO 3166-1, two letters. */
  readonly code: string;
  /** In English. */
  readonly name: string | undefined;
}

export interface AutonomousSystem {
  readonly number: number;
  readonly description: string | undefined;
}

/** The files: those for all addresses, and those for IPv6 alone, which older databases have. */
export const GEO_FILES = ['country', 'country6', 'asn', 'asn6'] as const;
export type GeoFile = (typeof GEO_FILES)[number];

/** Answers kept for each of the two questions. */
const MAX_KNOWN = 20_000;

/** Country and autonomous system of addresses. Without a file, every answer is undefined. */
export class GeoTables {
  private readonly countries = new AddressTable(readCountry);
  private readonly systems = new AddressTable(readAutonomousSystem);

  /** Replace what there is of a file. */
  use(file: GeoFile, records: AddressRecords): void {
    const table = file.startsWith('country') ? this.countries : this.systems;
    table.use(records, file.endsWith('6'));
  }

  /** @param address as keys show it; anything else has no country */
  country(address: string): Country | undefined {
    return this.countries.lookup(address);
  }

  asn(address: string): AutonomousSystem | undefined {
    return this.systems.lookup(address);
  }
}

/** What the records of one or two files say of addresses. */
class AddressTable<T> {
  private readonly read: (record: Members) => T | undefined;
  private readonly known = new RecentCache<string, T | null>(MAX_KNOWN);
  private all: AddressRecords | undefined;
  private ipv6: AddressRecords | undefined;

  constructor(read: (record: Members) => T | undefined) {
    this.read = read;
  }

  use(records: AddressRecords, onlyIPv6: boolean): void {
    if (onlyIPv6) this.ipv6 = records;
    else this.all = records;
    this.known.clear();
  }

  lookup(address: string): T | undefined {
    const known = this.known.get(address);
    if (known !== undefined) return known ?? undefined;
    const records = this.recordsFor(address);
    if (records === undefined) return undefined;
    const found = this.find(records, address);
    this.known.set(address, found ?? null);
    return found;
  }

  private recordsFor(address: string): AddressRecords | undefined {
    if (parseIPv4(address) !== undefined) return this.all ?? this.ipv6;
    const records = this.ipv6 ?? this.all;
    return records?.ipVersion === 6 && parseIPv6(address) !== undefined ? records : undefined;
  }

  private find(records: AddressRecords, address: string): T | undefined {
    try {
      const record = records.get(address);
      return isMembers(record) ? this.read(record) : undefined;
    } catch {
      return undefined;
    }
  }
}

type Members = Readonly<Record<string, unknown>>;

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

function readCountry({ country }: Members): Country | undefined {
  if (!isMembers(country) || typeof country['iso_code'] !== 'string') return undefined;
  const { names } = country;
  return { code: country['iso_code'], name: isMembers(names) ? textOf(names['en']) : undefined };
}

function readAutonomousSystem(record: Members): AutonomousSystem | undefined {
  const number = record['autonomous_system_number'];
  if (typeof number !== 'number') return undefined;
  return { number, description: textOf(record['autonomous_system_organization']) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
