import type { FlowDefinition } from './expression.ts';

/** Positions (0 main value, 1… of `values`) of the values that are kept as decaying accumulators. */
export function rateIndexes(definition: FlowDefinition): number[] {
  return [definition.value, ...definition.values].flatMap((value, i) => (isRate(value) ? [i] : []));
}

/** `samplingrate` is a gauge: kept as a windowed mean, never scaled (rest-api 6.1). */
export function isRate(value: FlowDefinition['value']): boolean {
  return value.statistic === 'rate' && value.key.name !== 'samplingrate';
}

/** True when entries need more than accumulators: sliding windows, or a record of the flow log. */
export function needsAttachment(definition: FlowDefinition): boolean {
  const windowed = [definition.value, ...definition.values].some((value) => !isRate(value));
  return windowed || keepsRecords(definition);
}

/** True when flows keep a record of what they carried, for the flow log or for IPFIX collectors. */
export function keepsRecords({ log, ipfixCollectors, value }: FlowDefinition): boolean {
  return (log || ipfixCollectors.length > 0) && isRate(value);
}
