import type { FlowSpecRule } from './flowspec-rule.ts';
import { ruleForArista } from './text-arista.ts';
import { ruleForCisco } from './text-cisco.ts';
import { ruleForFrr } from './text-frr.ts';
import { ruleForGobgp } from './text-gobgp.ts';
import { ruleForJuniper } from './text-juniper.ts';
import type { Notation, RuleText } from './text-parts.ts';
import { ruleInWords } from './text-words.ts';

/** Who reads a rule. */
export type NotationName = 'words' | 'arista' | 'cisco' | 'juniper' | 'frr' | 'gobgp';

const NOTATIONS: Readonly<Record<NotationName, Notation>> = {
  words: ruleInWords,
  arista: ruleForArista,
  cisco: ruleForCisco,
  juniper: ruleForJuniper,
  frr: ruleForFrr,
  gobgp: ruleForGobgp,
};

/** Names of the notations, `words` first. */
export const NOTATION_NAMES = Object.keys(NOTATIONS) as readonly NotationName[];

/**
 * A rule in words, or as a router writes it: the configuration that originates it where there is one (Cisco IOS XR,
 * Juniper Junos, GoBGP), else what the router shows when it has learnt it (Arista EOS, FRR).
 */
export function flowSpecText(rule: FlowSpecRule, notation: NotationName): RuleText {
  return NOTATIONS[notation](rule);
}
