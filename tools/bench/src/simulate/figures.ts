import type { CommuneFigures } from './communes.js';
import type { ShareFigures } from './shares.js';
import { distribution, svgChart } from './svg-chart.js';

const PERCENT = { title: 'part of the communes, %', from: 0, to: 100, ticks: [0, 25, 50, 75, 100] } as const;
const FIFO_DASH = '6 4';

/** File name -> SVG; `note` says that these are simulated, and with which seed. */
export function drawFigures(communes: readonly CommuneFigures[], shares: ShareFigures, note: string): ReadonlyMap<string, string> {
  const slowdown = svgChart({
    title: `Communes beside a city of 150,000: fair and FIFO (${note})`,
    x: {
      title: 'time from release to the last message, as a multiple of the fluid ideal',
      from: 0.5,
      to: 10_000,
      ticks: [1, 10, 100, 1_000, 10_000],
      log: true,
      show: (value) => value.toLocaleString('en'),
    },
    y: PERCENT,
    series: communes
      .filter(({ policy }) => policy === 'fair' || policy === 'fifo')
      .map((one) => ({
        label: `${one.case}, ${one.policy}`,
        points: distribution(one.excesses.map(({ ideal, excess }) => (ideal + excess) / ideal)),
        ...(one.policy === 'fifo' ? { dash: FIFO_DASH } : {}),
      })),
  });
  const halves = svgChart({
    title: `A lone commune beside a city: what each half of the design is for (${note})`,
    x: { title: 'completion after the fluid ideal, ms', from: -400, to: 200, ticks: [-400, -300, -200, -100, 0, 100, 200] },
    y: PERCENT,
    series: communes
      .filter((one) => one.case === communes[0]?.case && one.policy !== 'fifo')
      .map((one) => ({ label: LABELS[one.policy] ?? one.policy, points: distribution(one.excesses.map(({ excess }) => excess)) })),
  });
  const cities = svgChart({
    title: `Two cities, the second after 30 s with messages of 3 segments (${note})`,
    x: { title: 'seconds after the release of the first', from: 0, to: 100, ticks: [0, 20, 30, 40, 60, 80, 100] },
    y: { title: 'cost units in this second', from: 0, to: 550, ticks: [0, 250, 500] },
    series: ['first city', 'second city'].map((label, which) => ({
      label,
      points: shares.twoCities.bySecond.map((units, second) => [second + 0.5, units[which] ?? 0] as const),
    })),
  });
  return new Map([
    ['fairness-communes.svg', slowdown],
    ['fairness-halves.svg', halves],
    ['fairness-cities.svg', cities],
  ]);
}

const LABELS: Readonly<Record<string, string>> = {
  fair: 'as built',
  'fair, channel not ordered by tag': 'channel not by tag',
  'fair, virtual time as granted': 'virtual time as granted',
};
