import {
  type AdjRibOut,
  encodeFlowSpecNlri,
  familyOfAnnounced,
  flowSpecText,
  formatFlowSpecRule,
  formatPrefix,
  formatRoute,
  hexOfBytes,
  type LearntRules,
} from '../bgp/index.ts';
import type { LearntRule, PushedStatus } from './protocol.ts';

/** Everything that is pushed to a neighbour, with its origin and how it stands. */
export function pushedStatus(out: AdjRibOut): PushedStatus[] {
  const list: PushedStatus[] = [];
  for (const [key, { what, who, why, transient, since, changed }] of out.all()) {
    const common = {
      family: familyOfAnnounced(what),
      who,
      why,
      transient,
      since,
      changed,
      ...out.standing(key),
    };
    if (what.kind === 'route') {
      const { prefix } = what.route;
      list.push({ kind: 'route', prefix: formatPrefix(prefix), route: formatRoute(what.route), ...common });
    } else {
      const bytes = encodeFlowSpecNlri(what.rule.components);
      list.push({
        kind: 'rule',
        rule: formatFlowSpecRule(what.rule),
        words: flowSpecText(what.rule, 'words').text,
        ...(bytes.ok && { nlri: hexOfBytes(bytes.value) }),
        ...common,
      });
    }
  }
  return list;
}

/** FlowSpec rules that a router has announced. */
export function learntRules(rules: LearntRules): LearntRule[] {
  return [...rules.all()].map((rule) => ({
    ...formatFlowSpecRule(rule),
    words: flowSpecText(rule, 'words').text,
  }));
}
