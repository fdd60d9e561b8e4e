import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, isObject, isTrue, numberOf, textOf } from './arguments.ts';
import { callBack, callbackOf } from './callback.ts';

/** Messages of one script that are under way. */
const MAX_UNDER_WAY = 20;
const TIMEOUT_MS = 10_000;
const MAX_TEXT = 2 ** 20;

/** Beyond the contract: mail by SMTP (RFC 5321). */
export const mailFunctions: ScriptArea = (host) => {
  let underWay = 0;
  return {
    sendMail(options) {
      if (!isObject(options)) throw host.error('sendMail: the argument must be an object');
      const [succeeded, failed] = [callbackOf(options['success']), callbackOf(options['error'])];
      const mail = mailOf(host, options);
      if (underWay >= MAX_UNDER_WAY) return callBack(host, failed, 'too many messages under way');
      underWay++;
      const release = host.hold();
      const { ca } = host.call('httpSettings');
      send({ ...mail, ca })
        .then(
          (response) => callBack(host, succeeded, response),
          (error: Error) => callBack(host, failed, error.message),
        )
        .finally(() => {
          underWay--;
          release();
        });
    },
  };
};

interface Mail {
  readonly server: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly password: string;
  readonly from: string;
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
}

/** What is missing is said at the call: it is a fault of the script. */
function mailOf(host: ScriptHost, options: Record<string, unknown>): Mail {
  const { secure, user, password, to } = options;
  const required = (member: string): string => {
    const text = textOf(options[member]);
    if (text === undefined || text === '') throw host.error(`sendMail: ${member} is missing`);
    return text;
  };
  const isSecure = isTrue(secure);
  const port = isAbsent(options['port']) ? (isSecure ? 465 : 25) : numberOf(options['port']);
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw host.error(`sendMail: ${options['port']} is no port`);
  required('to');
  return {
    server: required('host'),
    port,
    secure: isSecure,
    user: textOf(user),
    password: textOf(password) ?? '',
    from: required('from'),
    to: [to].flat().map(String),
    subject: textOf(options['subject']) ?? '',
    text: (textOf(options['text']) ?? '').slice(0, MAX_TEXT),
  };
}

/** What the server said when it took the message. */
async function send(mail: Mail & { ca: string }): Promise<string> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: mail.server,
    port: mail.port,
    secure: mail.secure,
    ...(mail.user === undefined ? {} : { auth: { user: mail.user, pass: mail.password } }),
    ...(mail.ca === '' ? {} : { tls: { ca: mail.ca } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { response } = await transport.sendMail({
      from: mail.from,
      to: mail.to,
      subject: mail.subject,
      text: mail.text,
    });
    return response;
  } finally {
    transport.close();
  }
}
