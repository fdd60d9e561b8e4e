import { isIPv6 } from 'node:net';
import {
  AuthProtocols,
  isVarbindError,
  PrivProtocols,
  SecurityLevel,
  Session,
  type User,
  type Varbind,
  Version2c,
  Version3,
} from 'net-snmp';
import { WeirError } from '../common/index.ts';
import { provideDes } from './des.ts';
import type { SnmpSettings, SnmpUser } from './snmp-settings.ts';

/** A value as it comes: text as bytes, numbers as numbers. */
export interface SnmpValue {
  /** Dotted, without a dot at the start. */
  readonly oid: string;
  readonly value: unknown;
}

/** Questions to one agent, one after the other. */
export interface SnmpSession {
  /** undefined: the agent does not have it. Rejects with a WeirError SNMP_… that says in words what was wrong. */
  get(oid: string): Promise<unknown>;
  /** What comes after an OID, at most `count`; fewer or none at the end. Rejects like `get`. */
  getBulk(oid: string, count: number): Promise<SnmpValue[]>;
  /** What is under way is rejected. */
  close(): void;
}

const TRIES = 2;
/** Beyond its own time-outs a question gets this long: some answers make net-snmp forget the question that they are to. */
const GRACE_MS = 500;

/** A socket of its own for each agent: an answer can only be to a question to that agent. */
export function openSnmpSession(address: string, settings: SnmpSettings): SnmpSession {
  const { port, timeoutMs, access } = settings;
  if (access.version === '3' && access.priv?.protocol === 'des') provideDes();
  const transport = isIPv6(address) ? ('udp6' as const) : ('udp4' as const);
  const options = { port, timeout: timeoutMs, retries: TRIES - 1, transport, idBitsSize: 32 };
  const session =
    access.version === '2c'
      ? new GuardedSession(address, access.community, { ...options, version: Version2c })
      : new GuardedSession(address, userOf(access), { ...options, version: Version3 });
  // What is no SNMP is no answer: the request ends by its timeout.
  session.on('error', () => undefined);
  let closed = false;
  // A socket that is closed before it has sent anything calls nobody back.
  let giveUp: (error: Error) => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  givenUp.catch(() => undefined);
  const ask = <T>(question: (done: (error: Error | null, varbinds: T | undefined) => void) => void) => {
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<T | undefined>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new WeirError('SNMP_NO_ANSWER', 'what it answers is no SNMP')),
        timeoutMs * TRIES + GRACE_MS,
      );
      question((error, varbinds) => {
        if (error) reject(inWords(error, access.version));
        else resolve(varbinds);
      });
    });
    return Promise.race([givenUp, answered]).finally(() => clearTimeout(timer));
  };
  return {
    async get(oid) {
      const varbinds = await ask<Varbind[]>((done) => session.get([oid], (...got) => done(got[0], got[1])));
      return present(varbinds ?? [])[0]?.value;
    },
    async getBulk(oid, count) {
      const varbinds = await ask<(Varbind | Varbind[])[]>((done) =>
        session.getBulk([oid], 0, count, (...got) => done(got[0], got[1])),
      );
      return present((varbinds ?? []).flat());
    },
    close() {
      if (closed) return;
      closed = true;
      giveUp(new WeirError('SNMP_CLOSED', 'given up'));
      session.close();
    },
  };
}

/** Whatever an answer holds ends the questions at most, never the process. */
class GuardedSession extends Session {
  override onMsg(buffer: Buffer): void {
    try {
      super.onMsg(buffer);
    } catch (error) {
      this.cancelRequests(error);
    }
  }
}

function userOf({ name, auth, priv }: SnmpUser): User {
  const level =
    auth === undefined
      ? SecurityLevel.noAuthNoPriv
      : priv === undefined
        ? SecurityLevel.authNoPriv
        : SecurityLevel.authPriv;
  return {
    name,
    level,
    ...(auth && { authProtocol: AuthProtocols[auth.protocol], authKey: auth.password }),
    ...(priv && { privProtocol: PrivProtocols[priv.protocol], privKey: priv.password }),
  };
}

/** Up to the first that says there is nothing (noSuchObject, endOfMibView). */
function present(varbinds: readonly Varbind[]): SnmpValue[] {
  const end = varbinds.findIndex((varbind) => isVarbindError(varbind));
  return varbinds.slice(0, end < 0 ? undefined : end).map(({ oid, value }) => ({ oid, value }));
}

function inWords(error: Error, version: '2c' | '3'): WeirError {
  if (error instanceof WeirError) return error;
  if (error.name === 'RequestTimedOutError') {
    const causes =
      version === '2c'
        ? 'SNMP is off, the community is another, or this machine may not ask'
        : 'SNMP is off, or this machine may not ask';
    return new WeirError('SNMP_NO_ANSWER', `no answer: ${causes}`, { cause: error });
  }
  return new WeirError('SNMP_REFUSED', `the agent refuses: ${reason(error.message)}`, { cause: error });
}

/** RFC 3414 3.2, in words that say what to mend. */
function reason(message: string): string {
  if (/unknown user/i.test(message)) return 'it does not know the user (snmp.user)';
  if (/wrong digest|digest/i.test(message)) return 'the authentication protocol or password is another';
  if (/decrypt/i.test(message)) return 'the privacy protocol or password is another';
  if (/unsupported security level|^AuthorizationError/i.test(message))
    return 'the user may not ask at this security level';
  return message.slice(0, 200);
}
