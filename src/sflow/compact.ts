/**
 * The words into which compact samples, and versions 2 and 4, pack a data source and an interface (sFlow v5,
 * `sflow_data_source` and `interface`).
 */
import type { InterfaceId, SourceId } from './model.ts';
import type { XdrReader } from './xdr-reader.ts';
import type { XdrWriter } from './xdr-writer.ts';

/** Class in the upper 8 bits, index below. */
const SOURCE_INDEX_LIMIT = 1 << 24;
/** Format in the upper 2 bits, value below. */
const INTERFACE_VALUE_LIMIT = 1 << 30;

export function readCompactSource(reader: XdrReader): SourceId {
  const word = reader.u32();
  return { class: Math.floor(word / SOURCE_INDEX_LIMIT), index: word % SOURCE_INDEX_LIMIT };
}

export function writeCompactSource(writer: XdrWriter, sourceId: SourceId): void {
  const { class: sourceClass, index } = sourceId;
  if (!(fits(sourceClass, 256) && fits(index, SOURCE_INDEX_LIMIT)))
    writer.fail(`class ${sourceClass} and index ${index} do not fit a compact sample`);
  writer.u32(sourceClass * SOURCE_INDEX_LIMIT + index);
}

export function readCompactInterface(reader: XdrReader): InterfaceId {
  const word = reader.u32();
  return { format: Math.floor(word / INTERFACE_VALUE_LIMIT), value: word % INTERFACE_VALUE_LIMIT };
}

export function writeCompactInterface(writer: XdrWriter, { format, value }: InterfaceId): void {
  if (!(fits(format, 4) && fits(value, INTERFACE_VALUE_LIMIT)))
    writer.fail(`format ${format} and value ${value} do not fit a compact sample`);
  writer.u32(format * INTERFACE_VALUE_LIMIT + value);
}

function fits(value: number, limit: number): boolean {
  return value >= 0 && value < limit;
}
