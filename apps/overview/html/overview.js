/** Keeps the page up to date: it asks for what came since the last answer, and for the agents while they are looked at. */
$(() => {
  const SCRIPT = '../scripts/overview.js';
  const POLL_MS = 1000;
  const MAX_MINUTES = 5;
  const db = {};

  // The address names the tab, so that it can be linked to and survives a reload.
  $('a[data-toggle="pill"]').on('shown.bs.tab', (event) => {
    history.replaceState(null, '', event.target.hash);
    $.event.trigger({ type: 'updateChart' });
  });
  if (/^#\w+$/.test(location.hash)) $(`a[href="${location.hash}"]`).tab('show');

  $('#bps').gauge({ label: 'Bits per second', maxValue: 1e12, logScale: true });
  $('#pps').gauge({ label: 'Packets per second', maxValue: 1e9, logScale: true });
  $('#use').gauge({ label: 'Busiest interface', suffix: '%', threshold: 80 });
  $('#discards').gauge({ label: 'Discards per second', maxValue: 1000, threshold: 10, logScale: true });
  $('#errors').gauge({ label: 'Errors per second', maxValue: 1000, threshold: 1, logScale: true });

  /** Charts are made when the separator of keys is known. */
  function makeCharts(separator) {
    const bits = { units: 'Bits per second', ymargin: 0.05 };
    const top = { ...bits, type: 'topn', stack: true, includeOther: false, sep: separator };
    $('#pairs').chart({ ...top, metric: 'pairs', legendHeadings: ['Source', 'Destination'] }, db);
    $('#services').chart({ ...top, metric: 'services', legendHeadings: ['Protocol'] }, db);
    $('#octets').chart(
      { ...bits, type: 'trend', metrics: ['in', 'out'], legend: ['In', 'Out'], mirror: true, stack: true },
      db,
    );
    $('#faults').chart(
      {
        type: 'trend',
        metrics: ['discards', 'errors'],
        legend: ['Discards', 'Errors'],
        units: 'Packets per second',
      },
      db,
    );
  }

  function addTrend({ times, trends, maxPoints }) {
    const first = db.trend === undefined;
    if (first) db.trend = { times: [], trends: {}, maxPoints };
    const { trend } = db;
    trend.times = trend.times.concat(times).slice(-maxPoints);
    for (const name of Object.keys(trends))
      trend.trends[name] = (trend.trends[name] || []).concat(trends[name]).slice(-maxPoints);
    const end = trend.times.at(-1);
    if (end === undefined) return;
    trend.end = new Date(end);
    trend.start = new Date(end - MAX_MINUTES * 60000);
  }

  function showGauges(now) {
    for (const name of ['bps', 'pps', 'use', 'discards', 'errors'])
      if (typeof now[name] === 'number')
        $(`#${name}`).gauge('update', { value: Number(now[name].toPrecision(3)) });
  }

  function cell(text, bad) {
    return $('<td>')
      .text(text)
      .toggleClass('bad', bad === true);
  }

  const number = new Intl.NumberFormat('en');

  function showAgents(rows) {
    const body = $('#agents tbody').empty();
    if (rows.length === 0)
      $('<tr>')
        .append($('<td colspan="7" class="empty">').text('No agent has sent anything yet.'))
        .appendTo(body);
    for (const row of rows)
      $('<tr>')
        .append(
          cell(row.address),
          cell(row.name),
          cell(`${Math.round(row.lastSeen / 1000)} s ago`, row.silent),
          cell(number.format(row.datagrams)),
          cell(number.format(row.lost), row.lost > 0),
          cell(number.format(row.flowSamples)),
          cell(number.format(row.counterSamples)),
        )
        .appendTo(body);
  }

  function say(state, text) {
    $('#state').attr('class', state).text(text);
  }

  async function ask(path) {
    const answer = await fetch(`${SCRIPT}/${path}`);
    if (!answer.ok) throw new Error(`${answer.status} for ${path}`);
    return answer.json();
  }

  async function poll() {
    try {
      const after = db.trend?.times.at(-1) ?? 0;
      const { separator, now, trend } = await ask(`trend/json?after=${after}`);
      if (db.trend === undefined) makeCharts(separator);
      addTrend(trend);
      showGauges(now);
      if ($('#agents').hasClass('active')) showAgents(await ask('agents/json'));
      $.event.trigger({ type: 'updateChart' });
      say('live', 'live');
    } catch {
      say('lost', 'no connection');
    }
    setTimeout(poll, POLL_MS);
  }
  poll();
});
