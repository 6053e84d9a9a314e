export interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Stroke pattern as SVG writes it; colours alone do not tell lines apart on paper. */
  readonly dash?: string;
}

export interface Axis {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly log?: boolean;
  readonly show?: (value: number) => string;
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const WIDTH = 860;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 240;
const TOP = 44;
const BOTTOM = 56;
const LEGEND_LINE = 22;
/** Okabe and Ito's palette: told apart with any colour vision. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

/** A line chart as one self-contained SVG; the same chart gives the same bytes. */
export function svgChart({ title, x, y, series }: Chart): string {
  const toX = (value: number): number => LEFT + part(x, value) * (WIDTH - LEFT - RIGHT);
  const toY = (value: number): number => HEIGHT - BOTTOM - part(y, value) * (HEIGHT - TOP - BOTTOM);
  const bottom = HEIGHT - BOTTOM;
  const right = WIDTH - RIGHT;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 24, title, 'font-size="15" font-weight="bold"'),
    ...x.ticks.flatMap((tick) => [
      line(toX(tick), TOP, toX(tick), bottom, '#ddd'),
      text(toX(tick), bottom + 18, shown(x, tick), 'text-anchor="middle"'),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(LEFT, toY(tick), right, toY(tick), '#ddd'),
      text(LEFT - 8, toY(tick) + 4, shown(y, tick), 'text-anchor="end"'),
    ]),
    line(LEFT, bottom, right, bottom, '#333'),
    line(LEFT, TOP, LEFT, bottom, '#333'),
    text((LEFT + right) / 2, HEIGHT - 14, x.title, 'text-anchor="middle"'),
    text(0, 0, y.title, `text-anchor="middle" transform="translate(18 ${(TOP + bottom) / 2}) rotate(-90)"`),
  ];
  for (const [index, { label, points, dash }] of series.entries()) {
    const stroke = `fill="none" stroke="${COLOURS[index % COLOURS.length]}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ''}`;
    const at = TOP + 12 + index * LEGEND_LINE;
    parts.push(
      `<polyline points="${points.map(([px, py]) => `${round(toX(px))},${round(toY(py))}`).join(' ')}" ${stroke}/>`,
      `<polyline points="${right + 16},${at} ${right + 46},${at}" ${stroke}/>`,
      text(right + 54, at + 4, label, ''),
    );
  }
  return `${parts.join('\n')}\n</svg>\n`;
}

/** Points of a distribution that are drawn: more than a screen shows would only make the file longer. */
const STEPS = 200;

/** Which part of all values, in percent, is at most x. */
export function distribution(values: readonly number[]): (readonly [number, number])[] {
  const sorted = values.toSorted((a, b) => a - b);
  const steps = Math.min(STEPS, sorted.length - 1);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const place = Math.round(((sorted.length - 1) * step) / Math.max(1, steps));
    return [sorted[place] ?? NaN, (100 * (place + 1)) / sorted.length] as const;
  });
}

/** 0 at the axis' start, 1 at its end; what lies outside is drawn at the edge. */
function part({ from, to, log }: Axis, value: number): number {
  const inside = Math.min(to, Math.max(from, value));
  return log ? Math.log(inside / from) / Math.log(to / from) : (inside - from) / (to - from);
}

function shown({ show }: Axis, tick: number): string {
  return show ? show(tick) : String(tick);
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"/>`;
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
