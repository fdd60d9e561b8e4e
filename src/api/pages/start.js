/**
 * Renews the parts of the start page from the live stream. The markup comes from the server, which has escaped what
 * is in it.
 */
const connection = document.getElementById('connection');
const shown = new Map();

const source = new EventSource('../live?show=page&interval=1000');

source.addEventListener('open', () => {
  connection.textContent = 'live';
  connection.className = 'good';
});

source.addEventListener('error', () => {
  connection.textContent = 'the connection is lost; trying again';
  connection.className = 'bad';
  // Refused: a browser tries again only when it once was connected.
  if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
});

source.addEventListener('page', ({ data }) => {
  for (const [id, markup] of Object.entries(JSON.parse(data))) {
    // What has not changed is left alone, and with it what the reader has selected there.
    if (shown.get(id) === markup) continue;
    shown.set(id, markup);
    document.getElementById(id).innerHTML = markup;
  }
});
