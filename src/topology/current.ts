import { parseTopology, sameDocument, type TopologyDocument } from './document.ts';
import type { TopologyFacts } from './facts.ts';
import { TopologyGraph } from './graph.ts';
import { resolveNames, sameResolution } from './resolve.ts';
import { ResolvedTopology } from './resolved.ts';

/** The topology that clients have set, with its version, resolved as far as telemetry allows. */
export class CurrentTopology {
  private readonly facts: TopologyFacts;
  /** Undefined until a document is set; `{}` once cleared. */
  private current: TopologyDocument | undefined;
  private changes = -1;
  private resolvedNow: ResolvedTopology | undefined;
  /** Of the facts that were asked last. */
  private factsVersion = 0;

  constructor(facts: TopologyFacts) {
    this.facts = facts;
  }

  /**
   * Replace the topology as a whole; a document without nodes and links clears it. Returns whether that changed
   * anything. Throws WeirError TOPOLOGY_BAD, and then nothing has changed.
   */
  set(content: unknown): boolean {
    const document = parseTopology(content);
    if (this.current !== undefined && sameDocument(document, this.current)) return false;
    this.current = document;
    this.changes++;
    if (document.nodes === undefined && document.links === undefined) this.resolvedNow = undefined;
    else this.resolveAnew(new TopologyGraph(document));
    return true;
  }

  /** 0 for the first document, one more for each that changed something; undefined before the first (rest-api 11.1). */
  get version(): number | undefined {
    return this.current && this.changes;
  }

  /** What GET answers: the document with its version, `{"version":3}` once cleared, `{}` before any (rest-api 11.1). */
  echo(): TopologyDocument & { readonly version?: number } {
    return this.current === undefined ? {} : { ...this.current, version: this.changes };
  }

  /**
   * The topology over agents and interfaces; undefined while there is none. The same object until the document or what
   * telemetry tells of it changes, so that it can be asked for at every question. Costs nothing while the version of
   * the facts stays, and one pass over the document when it has changed.
   */
  get resolved(): ResolvedTopology | undefined {
    const known = this.resolvedNow;
    if (known === undefined || this.factsVersion === this.facts.version) return known;
    this.factsVersion = this.facts.version;
    const resolution = resolveNames(known.graph, this.facts);
    if (!sameResolution(resolution, known.resolution))
      this.resolvedNow = new ResolvedTopology(known.graph, resolution);
    return this.resolvedNow;
  }

  private resolveAnew(graph: TopologyGraph): void {
    this.factsVersion = this.facts.version;
    this.resolvedNow = new ResolvedTopology(graph, resolveNames(graph, this.facts));
  }
}
