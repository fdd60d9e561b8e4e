import type { Route } from '../route.ts';
import { appRoutes } from './apps.ts';
import { bgpRoutes } from './bgp.ts';
import { exportRoutes } from './exports.ts';
import { flowRoutes } from './flows.ts';
import { forwardingRoutes } from './forwarding.ts';
import { listRoutes } from './lists.ts';
import { liveRoutes } from './live.ts';
import { lookupRoutes } from './lookups.ts';
import { metricRoutes } from './metrics.ts';
import { neighborRoutes } from './neighbors.ts';
import { prometheusRoutes } from './prometheus.ts';
import { systemRoutes } from './system.ts';
import { tenantRoutes } from './tenant.ts';
import { thresholdRoutes } from './thresholds.ts';
import { topologyRoutes } from './topology.ts';

/** The interface, in the order of its documents. */
export const apiRoutes: readonly Route[] = [
  ...systemRoutes,
  ...metricRoutes,
  ...flowRoutes,
  ...thresholdRoutes,
  ...topologyRoutes,
  ...lookupRoutes,
  ...forwardingRoutes,
  ...tenantRoutes,
  ...prometheusRoutes,
  ...exportRoutes,
  ...appRoutes,
  ...bgpRoutes,
  ...neighborRoutes,
  ...liveRoutes,
  ...listRoutes,
];
