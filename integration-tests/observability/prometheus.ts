import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, waitUntil } from '@tocsin/testing';
import { OBSERVABILITY } from './rule-files.js';

/** ms until it answers on a busy machine. */
const READY_MS = 30_000;
/** ms an answer may take. */
const ASK_MS = 5_000;

/** A real Prometheus with the rules of the repository, looking at the processes of a stack. */
export interface Prometheus {
  /** Names of the alerts that fire, or will when they have lasted long enough. */
  raised(): Promise<readonly string[]>;
  /** How many series an expression answers now. */
  query(expr: string): Promise<number>;
  stop(): Promise<void>;
}

export interface ScrapeTarget {
  /** Service. */
  readonly job: string;
  /** host:port. */
  readonly address: string;
}

/** Its absence is one sentence: install the Debian package "prometheus". */
export function hasPrometheus(): boolean {
  return spawnSync('prometheus', ['--version']).status === 0;
}

export async function startPrometheus(targets: readonly ScrapeTarget[]): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-prometheus-'));
  const [port = 0] = await freePorts(1);
  const jobs = [...new Set(targets.map(({ job }) => job))];
  const config = {
    // Frozen processes are told from dead ones by the time a scrape takes: more than a second.
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
    rule_files: [join(OBSERVABILITY, 'rules/*.yaml')],
    scrape_configs: jobs.map((job) => ({
      job_name: job,
      static_configs: [{ targets: targets.filter((target) => target.job === job).map(({ address }) => address) }],
    })),
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(ASK_MS) });
  await waitUntil('Prometheus', async () => (await ask('/-/ready').catch(() => undefined))?.ok ?? false, READY_MS);
  return {
    async raised() {
      const { data } = (await (await ask('/api/v1/alerts')).json()) as { data: { alerts: { labels: { alertname: string } }[] } };
      return [...new Set(data.alerts.map(({ labels }) => labels.alertname))].toSorted();
    },
    async query(expr) {
      const { data } = (await (await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`)).json()) as { data?: { result: unknown[] } };
      return data?.result.length ?? 0;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
