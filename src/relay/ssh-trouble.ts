/** What ssh says when it fails, in words that tell what to do. */
export interface SshTrouble {
  readonly text: string;
  /** Trying again helps only after somebody has done something. */
  readonly lasting: boolean;
}

/** `host` as ssh was given it; `lines` are what ssh wrote to standard error; `code` is its exit code. */
export function sshTrouble(host: string, lines: readonly string[], code: number | null): SshTrouble {
  const said = lines.join('\n');
  const name = host.replace(/^.*@/, '');
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said)) {
    const known = /^Offending .*key in (\S+)/m.exec(said)?.[1];
    return lasting(
      `the host key of ${name} has changed: either the machine was set up anew, or another one pretends to be it. ` +
        `Nothing was sent to it. When you know that the new key is right, remove the old one` +
        `${known === undefined ? '' : ` (${known})`} with ssh-keygen -R, and connect once by hand`,
    );
  }
  if (/Host key verification failed|host key is known for/.test(said))
    return lasting(
      `the host key of ${name} is not known here: connect once by hand as this user, and compare the key`,
    );
  const denied = /Permission denied.*/.exec(said)?.[0];
  if (denied !== undefined)
    return lasting(`${host} does not let us in: ${denied.trim()} (a key without passphrase is needed)`);
  if (code === 127 || /command not found|: not found/.test(said))
    return lasting(
      `there is no weir on ${name}: install it, or copy weir-forward.mjs there and say how it is started with --remote`,
    );
  const unreachable =
    /(Connection refused|Connection timed out|Operation timed out|No route to host|Network is unreachable|Could not resolve hostname.*|Connection reset.*|Connection closed.*)/.exec(
      said,
    )?.[0];
  if (unreachable !== undefined) return passing(`${name} cannot be reached: ${unreachable.trim()}`);
  if (/not responding/.test(said)) return passing(`${name} does not answer any more`);
  const last = lines.findLast((line) => line.trim() !== '')?.trim();
  const how = code === null ? 'ssh was ended' : `ssh ended with code ${code}`;
  return passing(last === undefined ? how : `${how}: ${last}`);
}

function lasting(text: string): SshTrouble {
  return { text, lasting: true };
}

function passing(text: string): SshTrouble {
  return { text, lasting: false };
}
