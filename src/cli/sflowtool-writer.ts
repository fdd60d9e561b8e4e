/**
 * JSON in the layout of `sflowtool -J`: one space of indent per level, every value a string, the opening bracket of
 * a list's first member on the line of the list. An object may hold one name more than once, so this writes text
 * and builds no objects.
 */
export class SflowtoolWriter {
  /** Written before every field name; discard samples use it (`discarded_srcIP`). */
  prefix = '';
  private text = '';
  private depth = 0;
  /** True right after an opening bracket: the next member needs no comma. */
  private first = true;

  openObject(name?: string): void {
    this.open('{', name);
  }

  openArray(name?: string): void {
    this.open('[', name);
  }

  closeObject(): void {
    this.close('}');
  }

  closeArray(): void {
    this.close(']');
  }

  field(name: string, value: string | number | bigint): void {
    if (!this.first) this.text += ',';
    this.first = false;
    this.text += `${this.line()}${quote(this.prefix + name)}:${typeof value === 'string' ? quote(value) : `"${value}"`}`;
  }

  /** The members of a list of plain values. sflowtool writes a space behind each. */
  items(values: readonly string[]): void {
    this.text += values.map((value) => `${this.line()}${quote(value)} `).join(',');
  }

  /** What was written since the last call. The writer is then as new. */
  take(): string {
    const text = this.text;
    this.text = '';
    this.depth = 0;
    this.first = true;
    this.prefix = '';
    return text;
  }

  private open(bracket: string, name: string | undefined): void {
    if (!this.first) this.text += `,${this.line()}`;
    if (name !== undefined) this.text += `${quote(name)}:`;
    this.text += bracket;
    this.depth++;
    this.first = true;
  }

  private close(bracket: string): void {
    this.depth--;
    this.text += this.line() + bracket;
    this.first = false;
  }

  private line(): string {
    return `\n${' '.repeat(this.depth)}`;
  }
}

// What JSON may not hold as it is. Text from the wire can hold anything.
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function quote(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
