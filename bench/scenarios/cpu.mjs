/** CPU per datagram and loss of Weir and its peers, at several rates. */
import { inFreshFolder } from '../lib/folder.mjs';
import { LOAD_SHAPE, measureUnderLoad } from '../lib/load.mjs';
import { number, percent, roundsText, table } from '../lib/markdown.mjs';
import { median } from '../lib/statistics.mjs';
import { fastnetmon } from '../peers/fastnetmon.mjs';
import { sfacctd } from '../peers/sfacctd.mjs';
import { sfcapd } from '../peers/sfcapd.mjs';
import { weirOne, weirTen } from '../peers/weir.mjs';

/** Who loses at least this share has its figure of processor time marked: it did a part of the work. */
const WORTH_SAYING = 0.001;

export const RECEIVERS = { weir: weirOne, weir10: weirTen, sfacctd, sfcapd, fastnetmon };

/**
 * Every receiver at every rate, once per round, one after the other, each in a fresh process: what disturbs the machine for a
 * while disturbs neighbours, not one of them.
 */
export async function measureCpu({ receivers, rates, rounds, warmup, seconds, report }) {
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    for (const rate of rates) {
      for (const id of receivers) {
        const result = {
          id,
          name: RECEIVERS[id].name,
          rate,
          round,
          ...(await measureOne(RECEIVERS[id], { rate, warmup, seconds })),
        };
        results.push(result);
        report(
          `round ${round} of ${rounds}, ${rateText(rate)}, ${result.name}: ` +
            `${number(result.microsecondsPerDatagram, 2)} µs, ${percent(result.lost / result.sent)} lost`,
        );
      }
    }
  }
  return results;
}

function measureOne(receiver, { rate, warmup, seconds }) {
  return inFreshFolder(async (folder) => {
    const running = await receiver.start({ folder });
    try {
      const measured = await measureUnderLoad({
        pid: running.pid,
        port: running.port,
        rate,
        warmup,
        seconds,
        folder,
      });
      return { ...measured, ownLoss: ownLoss(await running.counted(), measured.inAll) };
    } finally {
      await running.stop();
    }
  });
}

/** The share of everything sent, warm-up included, that a receiver did not count; it counts datagrams or packet samples. */
function ownLoss({ datagrams, samples }, sent) {
  return datagrams === undefined ? 1 - samples / sent.packetSamples : 1 - datagrams / sent.datagrams;
}

export function renderCpu(results) {
  const rates = [...new Set(results.map(({ rate }) => rate))];
  const names = [...new Set(results.map(({ name }) => name))];
  const at = (name, rate) => results.filter((result) => result.name === name && result.rate === rate);
  const cpu = names.map((name) => [
    name,
    ...rates.map((rate) => {
      const runs = at(name, rate);
      const lost = median(runs.map((one) => one.lost / one.sent));
      const microseconds = number(median(runs.map((one) => one.microsecondsPerDatagram)), 1);
      return lost < WORTH_SAYING ? microseconds : `${microseconds} (lost ${percent(lost)})`;
    }),
  ]);
  const loss = names.map((name) => [
    name,
    ...rates.map((rate) => {
      const runs = at(name, rate);
      const lost = percent(median(runs.map((one) => one.lost / one.sent)));
      return rate === 0 ? `${lost}; took ${number(median(runs.map((one) => one.received)), 0)}/s` : lost;
    }),
  ]);
  const ownLosses = names.map((name) => [
    name,
    ...rates.map((rate) => percent(median(at(name, rate).map((one) => one.ownLoss)))),
  ]);
  const own = names[0];
  const ratios = names.slice(1).map((name) => [
    name,
    ...rates.map((rate) => {
      const mine = at(own, rate);
      const pairs = at(name, rate).map((other) => {
        const same = mine.find((one) => one.round === other.round);
        return other.microsecondsPerDatagram / (same?.microsecondsPerDatagram ?? Number.NaN);
      });
      return `${number(median(pairs), 1)} ×`;
    }),
  ]);
  const header = ['', ...rates.map(rateText)];
  const offered = median(results.filter(({ rate }) => rate === 0).map((one) => one.offered));
  const steal = Math.max(...results.map((one) => one.steal));
  return [
    '### CPU per datagram',
    '',
    `Processor time, user and system, of the whole process with all its threads and children, divided by the datagrams it received, in microseconds: medians of ${roundsText(Math.max(...results.map(({ round }) => round)))}. What the kernel dropped it did not receive; where that was much, it stands beside the figure. A datagram has ${LOAD_SHAPE.samples} packet samples, every fiftieth interface counters instead; ${number(LOAD_SHAPE.flows, 0)} 5-tuples, ${LOAD_SHAPE.agents} agents with ${LOAD_SHAPE.ports} ports each.${Number.isFinite(offered) ? ` Flat out the source sent about ${number(offered, 0)} datagrams a second.` : ''} At most ${percent(steal)} of the machine's time was taken by others.`,
    '',
    table(header, cpu),
    '',
    '### Datagrams lost',
    '',
    'Dropped by the kernel because the receiver had not fetched what came before.',
    '',
    table(header, loss),
    '',
    "The same by the receivers' own counts of datagrams or samples, from the beginning of the load on.",
    '',
    table(header, ownLosses),
    ...(ratios.length === 0
      ? []
      : [
          '',
          `### How many times the CPU of ${own}`,
          '',
          'Medians of the ratios in the same round.',
          '',
          table(header, ratios),
        ]),
  ].join('\n');
}

function rateText(rate) {
  return rate === 0 ? 'flat out' : `${number(rate, 0)}/s`;
}
