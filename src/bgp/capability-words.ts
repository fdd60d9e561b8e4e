import type { Capability } from './capability.ts';
import { type AfiSafi, familyText } from './family.ts';

/** A capability in words: `multiprotocol ipv4-flowspec`, `graceful-restart 120 s: ipv4-unicast (kept)`. */
export function capabilityWords(capability: Capability): string {
  switch (capability.kind) {
    case 'multiprotocol':
      return `multiprotocol ${family(capability)}`;
    case 'four-octet-as':
      return `four-octet-as ${capability.as}`;
    case 'graceful-restart': {
      const flags = [capability.restarted && ' restarted', capability.notification && ' notification'];
      const list = capability.families.map((each) => `${family(each)}${each.forwarding ? ' (kept)' : ''}`);
      return `graceful-restart ${capability.restartTime} s${flags.filter(Boolean).join('')}${listed(list)}`;
    }
    case 'long-lived-graceful-restart':
      return `long-lived-graceful-restart${listed(capability.families.map((each) => `${family(each)} ${each.staleTime} s`))}`;
    case 'add-path':
      return `add-path${listed(capability.families.map((each) => `${family(each)} ${each.mode}`))}`;
    case 'fqdn':
      return `fqdn ${[capability.hostName, capability.domainName].filter((name) => name !== '').join('.')}`;
    case 'unknown':
      return `capability ${capability.code}`;
    default:
      return capability.kind;
  }
}

function family({ afi, safi }: AfiSafi): string {
  return familyText(afi, safi);
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? '' : `: ${items.join(', ')}`;
}
