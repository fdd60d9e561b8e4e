import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptUnderTest } from './script-under-test.ts';

/** Section 2, the complete list. */
const FUNCTIONS =
  `hostForIP hostForIP6 hostForMAC ipRangeToCidrList mask base64Encode base64Decode getSystemProperty
getSystemPropertyNames getenv baselineCreate baselineCheck baselineStatistics baselineReset baselineDelete setForward
clearForward storeSet storeGet storeDelete storeKeys sharedSet sharedGet sharedDelete sharedKeys logFine logInfo
logWarning logSevere md5 http http2 httpAsync formatDate formatNumber runCmd runCmdAsync ifName topologyVersion
topologyTags topologyNodeTag topologyPortTag topologyLinkTag topologyDiameter topologyShortestPath
topologyShortestPaths topologyMinimumSpanningTree topologyNodesForAgent topologyAgentForNode topologyNodeNames
topologyNodePortNames topologyNodeLinks topologyLinkNames topologyLink topologyInterfaceToLink
topologyInterfaceToPort topologyPortToInterface topologyLinkToInterfaces topologyLinkMetric topologyLocatedHostMacs
topologyLocateHostMac topologyLocateHostIP topologyLocateHostIP6 topologyLocateHostAgent topologyLocateHostUUID
graphite syslog include scriptdir setFlow clearFlow setThreshold clearThreshold setGroups setMap setTopology
getTopology setFlowHandler clearFlowHandler setEventHandler clearEventHandler setIntervalHandler
clearIntervalHandler setHttpHandler clearHttpHandler version analyzer agents metrics flowKeys metric table dump
activeFlows bgpAddNeighbor bgpRemoveNeighbor bgpAddSource bgpRemoveSource bgpSetNextHops bgpClearNextHops
bgpPrefixForAddress bgpTopPrefixes bgpTopPrefixes6 bgpAddRoute bgpGetRoute bgpRoutes bgpRemoveRoute bgpRouteCount
bgpFlows bgpAddFlow bgpRemoveFlow bgpFlowCount flowValue flowValues datasourceInfo flowLocations thresholdTriggered
setTenant dnsGetAllByName setTimeout clearTimeout`.split(/\s+/);

/** Beyond the contract. */
const OWN = ['sendMail'];

const ABSENT =
  `getFlow getFlows getThreshold getThresholds getGroups getMap metricNames setSystemProperty load
sharedInc storeInc snmpGet readCSV uuid hash newProcess exec bgpGetNeighbor bgpGetNeighbors bgpTopology topologyNode
topologyNodes console require print setInterval XMLHttpRequest process Buffer fetch`.split(/\s+/);

describe('script-api 2, engine-added globals', () => {
  let script: ScriptUnderTest;
  beforeAll(async () => {
    script = await ScriptUnderTest.serve();
  });
  afterAll(() => script.end());

  it.each(FUNCTIONS)('%s is a plain global function', async (name) => {
    const property = 'Object.getOwnPropertyDescriptor(globalThis, name)';
    const code = `(function (name) { var p = ${property}; return p && [typeof p.value, p.writable, p.enumerable]; })`;
    expect(await script.run(`${code}('${name}')`)).toEqual(['function', true, false]);
  });

  it.each(ABSENT)('%s is absent', async (name) => {
    expect(await script.run(`typeof ${name}`)).toBe('undefined');
  });

  it('there are no others', async () => {
    const code = `Object.getOwnPropertyNames(globalThis).filter(function (name) {
      return typeof globalThis[name] === 'function' && /^[a-z]/.test(name) && name !== 'eval';
    })`;
    const language = [
      'decodeURI',
      'decodeURIComponent',
      'encodeURI',
      'encodeURIComponent',
      'escape',
      'unescape',
    ];
    const known = [
      ...FUNCTIONS,
      ...OWN,
      ...language,
      'isFinite',
      'isNaN',
      'parseFloat',
      'parseInt',
      'evaluate',
    ];
    const found = (await script.run(code)) as string[];
    expect(found.filter((name) => !known.includes(name))).toEqual([]);
  });
});
