import { distribution, svgChart } from '../simulate/svg-chart.js';
import type { Excess } from './excess.js';
import type { TwoCities } from './two-cities.js';

const PERCENT = { title: 'part of the communes, %', from: 0, to: 100, ticks: [0, 25, 50, 75, 100] } as const;

export interface WireCase {
  readonly label: string;
  readonly communes: readonly Excess[];
}

/** File name -> SVG of what the provider's stand-in saw; a case without samples is left out. */
export function drawWireFigures(cases: readonly WireCase[], twoCities: TwoCities | undefined): ReadonlyMap<string, string> {
  const figures = new Map<string, string>();
  const seen = cases.filter(({ communes }) => communes.length > 0);
  if (seen.length > 0) {
    const chart = svgChart({
      title: 'Communes beside a draining city, measured at the provider',
      x: {
        title: 'time from the release call to the last message, as a multiple of the fluid ideal',
        from: 0.5,
        to: 10,
        ticks: [0.5, 1, 2, 5, 10],
        log: true,
      },
      y: PERCENT,
      series: seen.map(({ label, communes }) => ({ label, points: distribution(communes.map(({ tookMs, idealMs }) => tookMs / idealMs)) })),
    });
    figures.set('fairness-wire-communes.svg', chart);
  }
  if (twoCities !== undefined) figures.set('fairness-wire-cities.svg', citiesChart(twoCities));
  return figures;
}

function citiesChart({ bySecond }: TwoCities): string {
  return svgChart({
    title: 'A second city is released at 10 s, measured at the provider',
    x: { title: 'seconds', from: 0, to: bySecond.length, ticks: [0, 10, 20, 30, 40] },
    y: { title: 'cost units in this second', from: 0, to: 550, ticks: [0, 250, 500] },
    series: ['first city', 'second city'].map((label, which) => ({
      label,
      points: bySecond.map((units, second) => [second + 0.5, units[which] ?? 0] as const),
    })),
  });
}
