import { keyOfMatch } from './announcement.ts';
import { type FlowSpecRule, rulesOfUpdate } from './flowspec-rule.ts';
import type { UpdateMessage } from './update.ts';

/** The FlowSpec rules that a neighbour has announced: for people to look at, since Weir filters nothing itself. */
export class LearntRules {
  /** Rules beyond `most` that were not kept. */
  refused = 0;
  private readonly rules = new Map<string, FlowSpecRule>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  update(message: UpdateMessage, treatAsWithdraw: boolean): void {
    const { reach, unreach } = message;
    if (unreach?.family === 'ipv4-flowspec' || unreach?.family === 'ipv6-flowspec')
      for (const { components } of unreach.nlri)
        this.rules.delete(keyOfMatch({ version: unreach.family === 'ipv4-flowspec' ? 4 : 6, components }));
    if (reach?.family !== 'ipv4-flowspec' && reach?.family !== 'ipv6-flowspec') return;
    for (const rule of rulesOfUpdate(message)) {
      const key = keyOfMatch(rule);
      if (treatAsWithdraw) this.rules.delete(key);
      else if (this.rules.size < this.most || this.rules.has(key)) this.rules.set(key, rule);
      else this.refused++;
    }
  }

  all(): IterableIterator<FlowSpecRule> {
    return this.rules.values();
  }

  clear(): void {
    this.rules.clear();
    this.refused = 0;
  }
}
