import { decodeDatagram } from './decode.ts';
import { encodeDatagram } from './encode.ts';
import type { CounterSample, FlowSample, InterfaceId, Sample } from './model.ts';

/** Compact samples have 30 bits for an interface, and the highest value means the agent itself. */
const COMPACT_INTERFACES = 0x3fffffff;

/** `bytes` holds what could be read; `error` says what could not, and at which byte of the old datagram. */
export interface UpgradeResult {
  readonly bytes?: Uint8Array;
  readonly error?: string;
}

/**
 * The version 5 form of a version 2 or 4 datagram, with sub-agent 0. A version 5 datagram is returned as it is. Never
 * throws.
 */
export function upgradeDatagram(bytes: Uint8Array): UpgradeResult {
  const { datagram, error } = decodeDatagram(bytes);
  if (datagram === undefined) return error === undefined ? {} : { error };
  const upgraded =
    datagram.version === 5
      ? bytes
      : encodeDatagram({ ...datagram, version: 5, samples: datagram.samples.map(upgradeSample) });
  return error === undefined ? { bytes: upgraded } : { bytes: upgraded, error };
}

function upgradeSample(sample: Sample): Sample {
  if (sample.kind === 'flow') return upgradeFlowSample(sample);
  if (sample.kind === 'counter') return upgradeCounterSample(sample);
  return sample;
}

function upgradeFlowSample(sample: FlowSample): FlowSample {
  return { ...sample, expanded: !isCompact(sample.input) || !isCompact(sample.output) };
}

/** Without what only versions 2 and 4 have. */
function upgradeCounterSample({ legacy: _, ...sample }: CounterSample): CounterSample {
  return sample;
}

function isCompact(id: InterfaceId): boolean {
  return id.value < COMPACT_INTERFACES;
}
