/** A service that is being restarted does not answer: what is asked is then 0. */
const SCRAPE_DEADLINE_MS = 1_000;

/** Sum over all series of a metric, as a service exposes it now; 0 when it has none. */
export async function readGauge(httpPort: number, name: string): Promise<number> {
  try {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/metrics`, { signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS) });
    return sumSeries(await answer.text(), name);
  } catch {
    return 0;
  }
}

/** Prometheus text: `name{labels} value` or `name value`. */
export function sumSeries(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
