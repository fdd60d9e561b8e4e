import { flowByKey, type TopFlow, topByScope } from '../flow/index.ts';
import {
  type FlowMetrics,
  agentMetrics,
  metricNames,
  queryDump,
  queryMetric,
  queryTable,
} from '../metric/index.ts';
import type { ActiveFlow, AgentRecord, Questions } from './index.ts';
import { canonicalAddress, parseAgents } from './selection.ts';
import type { Shard } from './shard.ts';
