/** What tests look at in a page: fenced blocks, headings, links. */

/** A fenced block. */
export interface Block {
  /** The first word behind the fence: `sh`, `json`, … */
  readonly language: string;
  /** The words behind it: `server`, `answer`, `file=who.mjs`. */
  readonly marks: readonly string[];
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

const FENCE = /^( *)(```+|~~~+)\s*(.*)$/;
const HEADING = /^#{1,6}\s+(.*?)\s*#*$/;
const LINK = /!?\[(?:[^\][]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()\s]*\))?)(?:\s+"[^"]*")?\)/g;
const HTML_LINK = /\b(?:href|src)="([^"]+)"/g;

/** The fenced blocks of a page, in order. A block inside a list is given without the list's indentation. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; indent: number; info: string[]; line: number; text: string[] } | undefined;
  for (const [index, line] of page.split('\n').entries()) {
    const found = FENCE.exec(line);
    if (open === undefined) {
      if (found === null) continue;
      const [, indent, fence, info] = found;
      open = { fence, indent: indent.length, info: info.split(/\s+/), line: index + 1, text: [] };
    } else if (found?.[2].startsWith(open.fence) && found[3] === '') {
      const [language, ...marks] = open.info;
      blocks.push({ language, marks, text: open.text.join('\n'), line: open.line });
      open = undefined;
    } else open.text.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
  }
  if (open !== undefined) throw new Error(`the block at line ${open.line} is not closed`);
  return blocks;
}

/** The page without its fenced blocks, so that what they hold is not taken for text. */
export function proseOf(page: string): string {
  let inside = '';
  return page
    .split('\n')
    .map((line) => {
      const fence = FENCE.exec(line);
      if (inside === '') {
        if (fence === null) return line;
        inside = fence[2];
      } else if (fence?.[2].startsWith(inside) && fence[3] === '') inside = '';
      return '';
    })
    .join('\n');
}

/** Names by which the headings of a page can be linked to, made as GitHub makes them. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of proseOf(page).split('\n')) {
    const heading = HEADING.exec(line);
    if (heading === null) continue;
    const name = heading[1]
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = name;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${name}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Where the links and images of a page lead, as written. */
export function linksOf(page: string): string[] {
  const prose = proseOf(page).replace(/`[^`]*`/g, '');
  return [...prose.matchAll(LINK), ...prose.matchAll(HTML_LINK)].map(([, target]) => target);
}
