import type { ScriptRequest, ScriptResponse } from './http-exchange.ts';

/** One script as /scripts/json shows it; the head comment's members (author, version, …) stand beside these. */
export interface ScriptStatus {
  readonly flowsReceived: number;
  readonly flowsLost: number;
  readonly eventsReceived: number;
  readonly eventsLost: number;
  readonly requestsReceived: number;
  readonly requestsLost: number;
  readonly cpuMs: number;
  readonly alive: boolean;
  /** Absent while the script is alive. */
  readonly gracefulExit?: boolean;
  /** What ended it, when it failed: the text of the log line. */
  readonly error?: string;
  readonly [more: string]: unknown;
}

/** One application as /apps/json shows it. */
export interface AppStatus {
  readonly scripts: readonly string[];
  /** `/html/`, only of applications with pages. */
  readonly entry?: string;
}

/** All scripts, as the rest of the program sees them. */
export interface Scripts {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Not well when a script has failed. */
  health(): { ok: boolean; reason?: string };
  /** By script key, `FILE.js` or `APP~FILE.js`. */
  scripts(): Readonly<Record<string, ScriptStatus>>;
  apps(): Readonly<Record<string, AppStatus>>;
  /** undefined: no such application. */
  appHealth(app: string): { ok: boolean; reason?: string } | undefined;
  /** Folder of an application's pages; undefined when it has none or there is no such application. */
  pagesOf(app: string): string | undefined;
  /** Has a script's HTTP handler answer. Never rejects: what goes wrong is a status (script-api section 4). */
  request(key: string, request: ScriptRequest): Promise<ScriptResponse>;
}
