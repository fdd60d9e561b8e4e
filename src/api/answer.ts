import type { ServerResponse } from 'node:http';

/** What a handler gives back; `send.ts` turns it into headers and bytes. At most one of the bodies is there. */
export interface Answer {
  readonly status: number;
  /** Value of Content-Type; absent when there is no body. */
  readonly contentType?: string;
  readonly body?: string | Buffer;
  /** A value to print as JSON, indented as property `http.json.indent` says. */
  readonly json?: unknown;
  /** Writes the body bit by bit once the headers are out, and ends it. Not called for HEAD. */
  readonly stream?: (response: ServerResponse) => void;
  /** Called instead of `stream` when nobody wants the body. */
  readonly unwanted?: () => void;
  /** Names the content of a file that may be kept; other answers are never cached. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why a request was refused, for people; and the code of the error it came from. */
  readonly reason?: string;
  readonly code?: string;
}

/** 200 with a JSON body, without a charset: section 1. */
export function json(value: unknown): Answer {
  return { status: 200, contentType: 'application/json', json: value };
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
export function refused(status: number, reason?: string, code?: string): Answer {
  return { status, ...(reason !== undefined && { reason }), ...(code !== undefined && { code }) };
}

/** Pages run and load only what this server serves as a file, so that text taken from packets can do no harm in them. */
export const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
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
