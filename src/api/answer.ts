/** What a handler gives back; `send.ts` turns it into headers and bytes. */
export interface Answer {
  readonly status: number;
  /** Value of Content-Type; absent when there is no body. */
  readonly contentType?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** 200 with a JSON body. One blank of indentation, no charset: section 1. */
export function json(value: unknown): Answer {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(value, null, 1) };
}

/** 200 with plain text. */
export function text(body: string): Answer {
  return { status: 200, contentType: 'text/plain;charset=utf-8', body };
}

/** 204: a change was made, or there was nothing left to remove. */
export function done(): Answer {
  return { status: 204 };
}

/**
 * An error: by contract only a status and an empty body. The reason travels in a header of our own, so that
 * `curl -i` still says what was wrong.
 */
export function refused(status: number, reason?: string): Answer {
  return reason === undefined ? { status } : { status, headers: { 'Weir-Error': headerText(reason) } };
}

/** Pages run no script and load nothing, so that text taken from packets can do no harm in them. */
const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
};

/** A web page. */
export function page(body: string, status = 200): Answer {
  return { status, contentType: 'text/html;charset=utf-8', body, headers: PAGE_HEADERS };
}

/** The page of an address that leads nowhere. */
export function unroutedPage(): Answer {
  return page(
    '<!doctype html><html lang="en"><title>404 Not Found</title><h1>Not found</h1>' +
      '<p>There is nothing at this address. <a href="/">Start page</a></html>\n',
    404,
  );
}

/** Text that may stand in a header: printable ASCII, of bounded length. */
function headerText(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}
