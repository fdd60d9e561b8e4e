/**
 * What others than the agent itself say of it: a user's file, or its SNMP. It counts where the agent's own samples say
 * nothing (rest-api 11.1).
 */
export interface AgentNames {
  /** sysName. */
  readonly hostName?: string | undefined;
  /** By ifIndex. */
  readonly interfaces: Readonly<Record<string, InterfaceNames>>;
}

export interface InterfaceNames {
  /** ifName. */
  readonly name?: string | undefined;
  /** ifAlias: what people call it. */
  readonly alias?: string | undefined;
  /** Bits per second. */
  readonly speed?: number | undefined;
}

/** Metrics by name. */
export type GivenMetrics = ReadonlyMap<string, number | string>;

/** The same as metrics, by data source. */
export interface GivenAgent {
  readonly hostName: string | undefined;
  readonly interfaces: ReadonlyMap<string, GivenMetrics>;
}

/** As metrics are called: `ifname` and `ifspeed` are those that agents send, `ifalias` none of them sends. */
export function givenAgent({ hostName, interfaces }: AgentNames): GivenAgent {
  return {
    hostName,
    interfaces: new Map(
      Object.entries(interfaces).map(([ifIndex, { name, alias, speed }]) => {
        const given = new Map<string, number | string>();
        if (name !== undefined && name !== '') given.set('ifname', name);
        if (alias !== undefined && alias !== '') given.set('ifalias', alias);
        if (speed !== undefined) given.set('ifspeed', speed);
        return [ifIndex, given];
      }),
    ),
  };
}
