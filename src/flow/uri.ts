/** Parts that `uri:` can take (rest-api 5.2). */
export const URI_PARTS = [
  'scheme',
  'authority',
  'user',
  'host',
  'port',
  'path',
  'file',
  'extension',
  'query',
  'fragment',
] as const;
export type UriPart = (typeof URI_PARTS)[number];

/** RFC 3986, appendix B: scheme, authority, path, query, fragment. */
const URI = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** A part of a URI, as it is written there; undefined when the URI does not have it. */
export function uriPart(uri: string, part: UriPart): string | undefined {
  const match = URI.exec(uri);
  if (match === null) return undefined;
  const [, scheme, authority, path, query, fragment] = match as (string | undefined)[];
  const found = { scheme, authority, path, query, fragment };
  if (part in found) return present(found[part as keyof typeof found]);
  if (part === 'file' || part === 'extension') {
    const file = path?.slice(path.lastIndexOf('/') + 1) ?? '';
    const dot = file.lastIndexOf('.');
    return part === 'file' ? present(file) : dot > 0 ? present(file.slice(dot + 1)) : undefined;
  }
  return present(authorityPart(authority ?? '', part));
}

function authorityPart(authority: string, part: UriPart): string {
  const at = authority.lastIndexOf('@');
  if (part === 'user') return authority.slice(0, Math.max(at, 0));
  const place = authority.slice(at + 1);
  const port = /:(\d*)$/.exec(place);
  if (part === 'port') return port?.[1] ?? '';
  return port === null ? place : place.slice(0, port.index);
}

function present(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
