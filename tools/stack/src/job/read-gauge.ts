/** A process that is frozen or being restarted does not answer: nothing is known of it then. */
const SCRAPE_DEADLINE_MS = 1_000;

/** What a process exposes now, asked at its base address; '' when it does not answer. */
export async function scrape(http: string): Promise<string> {
  try {
    const answer = await fetch(`${http}/metrics`, { signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS) });
    return await answer.text();
  } catch {
    return '';
  }
}

/** Sum over all series of a metric, as a service exposes it now; 0 when it has none. */
export async function readGauge(httpPort: number, name: string): Promise<number> {
  return sumSeries(await scrape(`http://127.0.0.1:${httpPort}`), name);
}

/** Prometheus text: `name{labels} value` or `name value`. */
export function sumSeries(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Value of one series with these labels written as Prometheus does (`channel="sms"`); undefined when there is none. */
export function seriesValue(text: string, name: string, label: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(label));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** Value of a metric without labels; undefined when there is none. */
export function plainValue(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
