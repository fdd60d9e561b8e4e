// description: Posts events to a chat room: Slack, Mattermost and others that take the same JSON
//
//   webhook.url          the address that the chat room has given
//   webhook.thresholds   names of thresholds; every one unless given

const url = getSystemProperty('webhook.url');
const names = (getSystemProperty('webhook.thresholds') || '').split(',').filter((name) => name !== '');

const TRIES = 4;

function post(text, triesLeft) {
  httpAsync({
    url,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ text }),
    error: (message) => {
      logWarning('webhook:', message);
      if (triesLeft > 0) setTimeout(post, 1000 * 2 ** (TRIES - triesLeft), text, triesLeft - 1);
    },
  });
}

function handle(event) {
  const { node, port } = topologyInterfaceToPort(event.agent, event.dataSource) || {};
  const flow = event.flowKey === undefined ? '' : ` of ${event.flowKey}`;
  const value = formatNumber(event.value, '#,##0.##');
  const place = `${node || event.agent} port ${port || event.dataSource}`;
  post(`*${event.thresholdID}*: ${event.metric}${flow} is ${value} at ${place}`, TRIES - 1);
}

if (names.length > 0) setEventHandler(handle, names);
else setEventHandler(handle);
