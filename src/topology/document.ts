import { WeirError } from '../common/index.ts';
import { quote } from '../lookup/content.ts';
import { present } from './present.ts';

/** Tag → value. */
export type Tags = Readonly<Record<string, string>>;

export interface PortDocument {
  /** As data sources are named, `"1"`. */
  readonly ifindex?: string;
  /** OpenFlow port number. */
  readonly ofport?: string;
  /** OpenFlow datapath. */
  readonly dpid?: string;
  readonly tags?: Tags;
}

export interface NodeDocument {
  /** Address of the sFlow agent. */
  readonly agent?: string;
  readonly dpid?: string;
  readonly tags?: Tags;
  readonly ports?: Readonly<Record<string, PortDocument>>;
}

/** A link as it was given: its ends may be missing, or name nodes and ports that are not in `nodes`. */
export interface LinkDocument {
  readonly node1?: string;
  readonly port1?: string;
  readonly node2?: string;
  readonly port2?: string;
  readonly tags?: Tags;
}

/** A topology as clients PUT it (rest-api 11.1), without its version. */
export interface TopologyDocument {
  readonly nodes?: Readonly<Record<string, NodeDocument>>;
  readonly links?: Readonly<Record<string, LinkDocument>>;
}

/** Nodes, ports, links and tags of a document together. */
export const MAX_ENTRIES = 1_000_000;

/**
 * A document with its known members only (rest-api 11.1); the others are dropped, and members that are null count as
 * absent. Throws WeirError TOPOLOGY_BAD that names what is wrong and where. Takes time linear in the size of the content.
 */
export function parseTopology(content: unknown): TopologyDocument {
  return new DocumentReader().document(content);
}

/** Whether two documents say the same; the order of members does not count. */
export function sameDocument(one: TopologyDocument, other: TopologyDocument): boolean {
  return sameContent(one as Content, other as Content);
}

/** Names the place of a fault; asked only when there is one. */
type Where = () => string;

class DocumentReader {
  private entries = 0;

  document(content: unknown): TopologyDocument {
    const { nodes, links } = objectOf(content, () => 'the document');
    return present<TopologyDocument>({
      nodes: this.entriesOf(nodes, () => '"nodes"', this.node),
      links: this.entriesOf(links, () => '"links"', this.link),
    });
  }

  private readonly node = (content: unknown, name: string): NodeDocument => {
    const where = () => `node ${quote(name)}`;
    const { agent, dpid, tags, ports } = objectOf(content, where);
    return present<NodeDocument>({
      agent: textOf(agent, 'agent', where),
      dpid: textOf(dpid, 'dpid', where),
      tags: this.tags(tags, where),
      ports: this.entriesOf(
        ports,
        () => `${where()}: "ports"`,
        (port, portName) => this.port(port, () => `${where()}, port ${quote(portName)}`),
      ),
    });
  };

  private port(content: unknown, where: Where): PortDocument {
    const { ifindex, ofport, dpid, tags } = objectOf(content, where);
    if (typeof ifindex !== 'string' && !isAbsent(ifindex))
      throw bad(`${where()}: "ifindex" must be a string, not ${quote(ifindex)}`);
    return present<PortDocument>({
      ifindex: ifindex ?? undefined,
      ofport: textOf(ofport, 'ofport', where),
      dpid: textOf(dpid, 'dpid', where),
      tags: this.tags(tags, where),
    });
  }

  /** Ends of links are not validated (rest-api 11.1): what cannot be a name is no end. */
  private readonly link = (content: unknown, name: string): LinkDocument => {
    const where = () => `link ${quote(name)}`;
    const { node1, port1, node2, port2, tags } = objectOf(content, where);
    return present<LinkDocument>({
      node1: scalarText(node1),
      port1: scalarText(port1),
      node2: scalarText(node2),
      port2: scalarText(port2),
      tags: this.tags(tags, where),
    });
  };

  private tags(content: unknown, where: Where): Tags | undefined {
    return this.entriesOf(
      content,
      () => `${where()}: "tags"`,
      (value, tag) => {
        const text = scalarText(value);
        if (text === undefined)
          throw bad(`${where()}: tag ${quote(tag)} must be a string, not ${quote(value)}`);
        return text;
      },
    );
  }

  /** An object from names to entries of one kind. */
  private entriesOf<T>(
    content: unknown,
    where: Where,
    read: (value: unknown, name: string) => T,
  ): Record<string, T> | undefined {
    if (isAbsent(content)) return undefined;
    const given = objectOf(content, where);
    const names = Object.keys(given);
    this.entries += names.length;
    if (this.entries > MAX_ENTRIES)
      throw bad(`more than ${MAX_ENTRIES} nodes, ports, links and tags together`);
    const entries: Record<string, T> = {};
    for (const name of names) setMember(entries, name, read(given[name], name));
    return entries;
  }
}

function objectOf(content: unknown, where: Where): Readonly<Record<string, unknown>> {
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw bad(`${where()} must be an object, not ${quote(content)}`);
  return content as Record<string, unknown>;
}

function textOf(value: unknown, member: string, where: Where): string | undefined {
  if (isAbsent(value)) return undefined;
  const text = scalarText(value);
  if (text === undefined) throw bad(`${where()}: "${member}" must be a string, not ${quote(value)}`);
  return text;
}

/** Text of a string, number or truth value. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A name may be anything, `__proto__` too, to which an assignment would not make a member. */
function setMember<T>(entries: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__')
    Object.defineProperty(entries, name, { value, enumerable: true, configurable: true, writable: true });
  else entries[name] = value;
}

/** Strings, and objects of them to any depth. */
type Content = string | { readonly [name: string]: Content };

function sameContent(one: Content, other: Content): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameContent(one[name], other[name]))
  );
}

function bad(problem: string): WeirError {
  return new WeirError('TOPOLOGY_BAD', `topology: ${problem}`);
}
