import { WeirError } from '../common/index.ts';

interface NumberLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

/**
 * Typed access to the members of an object that a user wrote. Every reader throws WeirError `EXPORT_BAD` that names the
 * member; `done` does so for members that nobody has read.
 */
export class Members {
  private readonly members: Readonly<Record<string, unknown>>;
  private readonly where: string;
  private readonly read = new Set<string>();

  /** `where`: how the object is called in errors; '' for the definition itself. */
  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new WeirError('EXPORT_BAD', `${where === '' ? 'an export' : where} is an object`);
    this.members = value as Record<string, unknown>;
    this.where = where === '' ? '' : `${where}.`;
  }

  fault(name: string, problem: string): WeirError {
    return new WeirError('EXPORT_BAD', `${this.where}${name} ${problem}`);
  }

  object(name: string): Members {
    return new Members(this.take(name) ?? {}, `${this.where}${name}`);
  }

  has(name: string): boolean {
    return this.members[name] !== undefined;
  }

  optionalText(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.fault(name, 'is text');
  }

  text(name: string, otherwise?: string): string {
    const value = this.optionalText(name) ?? otherwise;
    if (value === undefined || value === '') throw this.fault(name, 'is missing');
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise?: T): T {
    const value = this.text(name, otherwise);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw this.fault(name, `is one of ${choices.join(', ')}`);
    return found;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.take(name) ?? otherwise;
    if (typeof value !== 'boolean') throw this.fault(name, 'is true or false');
    return value;
  }

  number(name: string, limits: NumberLimits): number {
    const value = this.take(name) ?? limits.default;
    const { minimum, maximum } = limits;
    if (typeof value !== 'number' || !(value >= minimum && value <= maximum))
      throw this.fault(name, `is a number from ${minimum} to ${maximum}`);
    return value;
  }

  integer(name: string, limits: NumberLimits): number {
    const value = this.number(name, limits);
    if (!Number.isInteger(value)) throw this.fault(name, 'is a whole number');
    return value;
  }

  /** A list of texts, or one text. */
  texts(name: string): readonly string[] {
    const value = this.take(name) ?? [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every((each) => typeof each === 'string')) throw this.fault(name, 'is a list of texts');
    return list as readonly string[];
  }

  /** Names with one text each. */
  record(name: string): Readonly<Record<string, string>> {
    const value = this.take(name) ?? {};
    if (typeof value !== 'object' || !Object.values(value).every((each) => typeof each === 'string'))
      throw this.fault(name, 'is an object of texts');
    return value as Record<string, string>;
  }

  url(name: string, protocols: readonly string[]): URL {
    const text = this.text(name);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !protocols.includes(url.protocol))
      throw this.fault(
        name,
        `is a URL that begins with ${protocols.map((each) => `${each}//`).join(' or ')}`,
      );
    if (url.username !== '' || url.password !== '')
      throw this.fault(name, 'must not hold a password; there are members for it');
    return url;
  }

  done(): void {
    const unknown = Object.keys(this.members).find((name) => !this.read.has(name));
    if (unknown !== undefined) throw this.fault(unknown, 'is not known here');
  }

  private take(name: string): unknown {
    this.read.add(name);
    const value = Object.hasOwn(this.members, name) ? this.members[name] : undefined;
    return value === null ? undefined : value;
  }
}
