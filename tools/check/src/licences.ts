import { existsSync } from 'node:fs';
import { read } from './source-files.ts';

/** Licences a dependency may have: permissive ones only. */
const ALLOWED =
  /^(MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0|CC-BY-3\.0|CC-BY-4\.0|Unlicense|WTFPL|Zlib|Artistic-2\.0|EUPL-1\.2)$/;
/** Packages whose metadata predates the "license" field; their LICENSE file was read. */
const READ_BY_HAND: Readonly<Record<string, string>> = { busboy: 'MIT', streamsearch: 'MIT' };
/** Engine clients of which exactly one version may be installed. */
const ONE_VERSION = ['kafkajs', '@grpc/grpc-js', 'mongoose', 'mongodb', '@opentelemetry/api', '@bufbuild/protobuf', '@nestjs/core', 'zod'];

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** Licences and single versions, from the lockfile alone. */
export function checkLicences(): string[] {
  if (!existsSync('package-lock.json')) return ['package-lock.json is missing.'];
  const packages = (JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> }).packages;
  const installed = Object.entries(packages).filter(([path, entry]) => path.startsWith('node_modules/') && entry.link !== true);
  const licences = installed
    .filter(([path, entry]) => entry.dev !== true && !isAllowed(entry.license ?? READ_BY_HAND[nameOf(path)]))
    .map(
      ([path, entry]) =>
        `${path.slice('node_modules/'.length)} ${entry.version} has licence "${entry.license ?? 'none named'}", which is not on the list.`,
    );
  const doubles = ONE_VERSION.map((name) => ({
    name,
    versions: new Set(installed.filter(([path]) => path.endsWith(`node_modules/${name}`)).map(([, entry]) => entry.version)),
  }))
    .filter((row) => row.versions.size > 1)
    .map((row) => `${row.name} is locked in ${row.versions.size} versions: ${[...row.versions].join(', ')}.`);
  return [...licences, ...doubles];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function isAllowed(licence: string | undefined): boolean {
  if (licence === undefined) return false;
  return licence
    .replaceAll(/[()]/g, '')
    .split(/ OR /)
    .some((choice) => choice.split(/ AND /).every((part) => ALLOWED.test(part.trim())));
}
