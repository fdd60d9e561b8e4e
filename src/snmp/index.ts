/** Names for agents and interfaces that send none: from the user's file, and asked by SNMP. */
export {
  type AgentNamesDependencies,
  type AgentNamesSource,
  createAgentNames,
  type SnmpAgentReport,
  type SnmpReport,
} from './agent-names.ts';
