/** One series as a process exposes it. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Wanted = Readonly<Record<string, string>>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The figures of one process at two moments: gauges as of the later one, counters as they grew between. */
export class Scrape {
  readonly #now: ReadonlyMap<string, readonly Series[]>;
  readonly #before: ReadonlyMap<string, readonly Series[]>;

  /** Texts in Prometheus' format; '' when there was no answer. */
  constructor(now: string, before = '') {
    this.#now = parse(now);
    this.#before = parse(before);
  }

  series(name: string, wanted: Wanted = {}): readonly Series[] {
    return (this.#now.get(name) ?? []).filter(({ labels }) => matches(labels, wanted));
  }

  sum(name: string, wanted: Wanted = {}): number {
    return this.series(name, wanted).reduce((total, { value }) => total + value, 0);
  }

  /** How much a counter grew between the two looks; a process that was restarted meanwhile counts from zero. */
  grew(name: string, wanted: Wanted = {}): number {
    const before = (this.#before.get(name) ?? []).filter(({ labels }) => matches(labels, wanted));
    if (before.length === 0) return 0;
    return Math.max(0, this.sum(name, wanted) - before.reduce((total, { value }) => total + value, 0));
  }
}

function parse(text: string): ReadonlyMap<string, readonly Series[]> {
  const byName = new Map<string, Series[]>();
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, name = '', labels = '', value = ''] = match;
    const series = {
      name,
      labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text])),
      value: Number(value),
    };
    byName.set(name, [...(byName.get(name) ?? []), series]);
  }
  return byName;
}

function matches(labels: Readonly<Record<string, string>>, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
