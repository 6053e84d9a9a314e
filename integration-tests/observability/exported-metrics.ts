import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';

/** What rules may ask for that no process of ours exports, and where it comes from. */
export const FROM_ELSEWHERE: Readonly<Record<string, string>> = {
  node_filesystem_avail_bytes: 'node exporter of the machines of Kafka and the store',
  node_filesystem_size_bytes: 'node exporter of the machines of Kafka and the store',
  kubelet_volume_stats_available_bytes: 'kubelet',
  kubelet_volume_stats_capacity_bytes: 'kubelet',
  scrape_duration_seconds: 'Prometheus itself',
  tocsin_backup_taken_timestamp_seconds: 'tocsin_backup.prom beside the backups, by a collector of text files',
};

/** Names in metric specifications of the sources: what processes can export. */
export function specifiedMetrics(): ReadonlySet<string> {
  const root = repositoryRoot();
  const files = execFileSync('git', ['ls-files', 'libs/*.ts', 'services/*.ts'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 24 });
  const own = files
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/gen/'))
    .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/(?:name: |gauge\()'([a-z][a-z0-9_]+)'/g)])
    .map((match) => `tocsin_${match[1]}`);
  return new Set([...own, 'process_start_time_seconds', 'process_resident_memory_bytes', 'process_cpu_seconds_total']);
}
