import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names and versions of what the embedded ground runs, read from its POM: part of every JSON result. */
export function embeddedVersions(sourceDir: string): Readonly<Record<string, string>> {
  const pom = readFileSync(join(sourceDir, 'pom.xml'), 'utf8');
  const version = (property: string): string => new RegExp(`<${property}>([^<]+)<`).exec(pom)?.[1] ?? 'unknown';
  return { kafka: `Apache Kafka ${version('kafka.version')}`, documents: `mongo-java-server ${version('document.store.version')} on H2` };
}
