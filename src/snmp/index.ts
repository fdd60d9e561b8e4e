/** Names of interfaces and systems, asked by SNMP of agents that do not send them. */
export interface SnmpNames {
  start(): void;
  stop(): Promise<void>;
}
