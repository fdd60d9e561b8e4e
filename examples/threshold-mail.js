// description: Sends mail about events, many in one message when they come close together
//
//   mail.host       SMTP server
//   mail.port       25, with mail.secure=yes 465
//   mail.secure     yes: by TLS from the start
//   mail.user       and mail.password, when the server asks for them
//   mail.from       mail.to: addresses
//   mail.seconds    how long to collect events before they are sent: 10

const property = (name) => getSystemProperty(`mail.${name}`) || undefined;
const host = property('host');
const to = property('to');
const seconds = Number(property('seconds') || 10);

const MOST = 100; // lines in one message

let lines = [];
let more = 0;

function sendLines() {
  const text = lines.concat(more > 0 ? [`… and ${more} more`] : []).join('\n');
  const count = lines.length + more;
  lines = [];
  more = 0;
  sendMail({
    host,
    port: property('port'),
    secure: property('secure'),
    user: property('user'),
    password: property('password'),
    from: property('from') || 'weir@localhost',
    to,
    subject: count === 1 ? text.slice(0, 100) : `${count} events`,
    text,
    error: (message) => logWarning('threshold-mail:', message),
  });
}

if (host && to) {
  setEventHandler((event) => {
    if (lines.length === 0) setTimeout(sendLines, seconds * 1000);
    const { node, port } = topologyInterfaceToPort(event.agent, event.dataSource) || {};
    const flow = event.flowKey === undefined ? '' : ` of ${event.flowKey}`;
    const place = `${node || event.agent} port ${port || event.dataSource}`;
    const time = formatDate(new Date(event.timestamp), 'yyyy-MM-dd HH:mm:ss');
    const line = `${time} ${event.thresholdID}: ${event.metric}${flow} is ${formatNumber(event.value, '#,##0.##')} at ${place}`;
    if (lines.length < MOST) lines.push(line);
    else more++;
  });
} else logSevere('threshold-mail: set the properties mail.host and mail.to');
