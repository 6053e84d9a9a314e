import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { CollectedValue, Metrics } from '@tocsin/observability';
import type { PlatformConfig } from './service.js';

/** End of a certificate as read, and of which version of its file. */
interface Read {
  readonly mtimeMs: number;
  /** Unix ms; NaN = the file holds no certificate. */
  readonly endsAt: number;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The PEM files of certificates and authorities a process uses on its links, by what they are for; `own` are those of its own settings. */
export function certificateFiles(
  { links, kafka, mongo }: Pick<PlatformConfig, 'links' | 'kafka' | 'mongo'>,
  own: Readonly<Record<string, string | undefined>> = {},
): ReadonlyMap<string, string> {
  const files: readonly [string, string | undefined][] = [
    ['link', links?.certificate],
    ['link-ca', links?.ca],
    ['kafka', kafka.security?.certificate],
    ['kafka-ca', kafka.security?.ca],
    ['mongo', mongo.security?.certificate],
    ['mongo-ca', mongo.security?.ca],
    ...Object.entries(own),
  ];
  return new Map(files.flatMap(([name, file]) => (file === undefined ? [] : [[name, file]])));
}

/** Shows at each scrape how long each certificate still holds; a file that was replaced is read anew, one that cannot be read shows 0. */
export function showCertificates(metrics: Metrics, files: ReadonlyMap<string, string>, now: () => number): void {
  const known = new Map<string, Read>();
  metrics.gauge(
    { name: 'certificate_expires_seconds', help: 'Seconds until the certificate of this link ends.', labels: { certificate: [] } },
    () =>
      [...files].map(([certificate, file]): CollectedValue => {
        const endsAt = endOf(certificate, file, known);
        return { labels: { certificate }, value: Number.isNaN(endsAt) ? 0 : (endsAt - now()) / 1_000 };
      }),
  );
}

/** Of authorities the last one counts: a new one stands beside the old while it is rolled out. Of a chain the first to end does. */
function endOf(certificate: string, file: string, known: Map<string, Read>): number {
  try {
    const { mtimeMs } = statSync(file);
    const before = known.get(certificate);
    if (before?.mtimeMs === mtimeMs) return before.endsAt;
    const ends = (readFileSync(file, 'utf8').match(PEM) ?? []).map((pem) => Date.parse(new X509Certificate(pem).validTo));
    const endsAt = ends.length === 0 ? NaN : certificate.endsWith('-ca') ? Math.max(...ends) : Math.min(...ends);
    known.set(certificate, { mtimeMs, endsAt });
    return endsAt;
  } catch {
    return NaN;
  }
}
