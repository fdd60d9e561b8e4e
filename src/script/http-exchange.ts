/** A request to the HTTP handler of a script (script-api section 4), before it is made the handler's argument. */
export interface ScriptRequest {
  readonly method: string;
  /** Decoded elements between the script and the format. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** Last element of the path. Anything but `json` and `txt` is answered 404 without a call. */
  readonly format: string;
  /** Media type of the body, lower case, without parameters; '' for none. */
  readonly contentType: string;
  /** undefined: no body. */
  readonly body: Uint8Array | undefined;
}

export interface ScriptResponse {
  readonly status: number;
  /** Without a body for an empty one. */
  readonly contentType?: string;
  readonly body?: string;
}
