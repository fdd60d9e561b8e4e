import { createToken } from '../api/index.ts';
import { usageError } from './decode-options.ts';

const USAGE = `weir token NAME ROLE

Make a token for a client of the REST API, and print it, once, with the line that lets it in. Keep the token secret;
the line holds only its hash.

  NAME   whose it is, for the log: letters, digits and any of _ . @ -
  ROLE   read    may ask
         write   may also change definitions
         admin   may also have data or routes sent to other machines

Several lines are joined by commas: auth.tokens=ann:read:1f…,bob:write:8c…
A client sends it as: curl -H 'Authorization: Bearer TOKEN' … or curl -u :TOKEN …
`;

/** `weir token`: prints a new token and its entry for `auth.tokens`. */
export async function run(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  process.stdout.write(renderToken(args));
  return 0;
}

/** Throws WeirError `CLI_USAGE` for a wrong number of arguments, `AUTH_BAD_TOKEN` for a wrong name or role. */
export function renderToken(args: readonly string[]): string {
  const [name, role] = args;
  if (name === undefined || role === undefined) throw usageError('a name and a role are needed');
  if (args.length > 2) throw usageError(`'${args[2]}' is one argument too many`);
  const { token, entry } = createToken(name, role);
  return `Token of ${name}; it is shown only now:\n${token}\n\nLine for weir.conf:\nauth.tokens=${entry}\n`;
}
