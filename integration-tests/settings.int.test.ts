import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '@tocsin/testing';

const ROOT = repositoryRoot();
const SERVICES = readdirSync(join(ROOT, 'services')).toSorted();
/** A channel says its own settings in its folder: adding one changes no list. */
const WITHOUT_CHANNELS = SERVICES.filter((service) => !existsSync(join(ROOT, 'services', service, 'channel.json')));
/** What has no default; the key file must exist, here any file does. */
const REQUIRED: Readonly<Record<string, string>> = {
  TOCSIN_KAFKA_BROKERS: '127.0.0.1:7400',
  TOCSIN_MONGO_URI: 'mongodb://127.0.0.1:7402',
  TOCSIN_KEY_FILE: join(ROOT, 'package.json'),
  TOCSIN_ADDRESSES_TENANTS: '127.0.0.1:7420',
  TOCSIN_ADDRESSES_SUBSCRIBERS: '127.0.0.1:7422',
  TOCSIN_ADDRESSES_CAMPAIGNS: '127.0.0.1:7424',
  TOCSIN_ADDRESSES_DELIVERIES: '127.0.0.1:7428',
};

interface Row {
  readonly variable: string;
  readonly byDefault: string;
  readonly meaning: string;
}

interface Checked {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `--check-config` of a built service, told nothing but this. */
function checkConfig(service: string, env: Readonly<Record<string, string>>): Promise<Checked> {
  const main = join(ROOT, 'services', service, 'dist/main.js');
  return new Promise((done) => {
    execFile(process.execPath, [main, '--check-config'], { env }, (error, out, err) => done({ code: Number(error?.code ?? 0), out, err }));
  });
}

function rowsOf(out: string): Row[] {
  return [...out.matchAll(/^(TOCSIN_\w+) += (.*?)( \(default\))? {2}# (.*)$/gm)].map(
    ([, variable = '', value = '', isDefault, meaning = '']) => ({
      variable,
      byDefault: isDefault === undefined ? 'required' : value === '(none)' || value === '(empty)' ? 'none' : `\`${value}\``,
      meaning,
    }),
  );
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ variable, byDefault, meaning }) => `| \`${variable}\` | ${byDefault} | ${meaning.replaceAll('|', '\\|')} |`);
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

describe('--check-config of every service', () => {
  const told = new Map<string, Checked>();
  beforeAll(async () => {
    for (const service of SERVICES) told.set(service, await checkConfig(service, REQUIRED));
  });

  it.each(SERVICES)('%s: exits 0 and starts nothing when it has what it needs', (service) => {
    expect(told.get(service)).toMatchObject({ code: 0, err: '' });
  });

  it.each(SERVICES)('%s: exits 2 and names everything that is missing, the peers it calls too', async (service) => {
    const { code, out, err } = await checkConfig(service, {});
    const needed = rowsOf(told.get(service)?.out ?? '').filter((row) => row.byDefault === 'required');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.match(/^TOCSIN_\w+/gm)?.toSorted()).toEqual(needed.map((row) => row.variable).toSorted());
    const main = readFileSync(join(ROOT, 'services', service, 'src/main.ts'), 'utf8');
    const called = [...main.matchAll(/platform\.addresses\('(\w+)'\)/g)].map(([, peer = '']) => `TOCSIN_ADDRESSES_${peer.toUpperCase()}`);
    expect(needed.map((row) => row.variable)).toEqual(expect.arrayContaining([...new Set(called)]));
  });

  it('docs/settings.md says the same: run this test with -u to write it anew', async () => {
    const all = WITHOUT_CHANNELS.map((service) => ({ service, rows: rowsOf(told.get(service)?.out ?? '') }));
    const isOwn = (service: string) => (row: Row) => row.variable.startsWith(`TOCSIN_${service.toUpperCase().replaceAll('-', '_')}_`);
    const shared = new Map(
      all.flatMap(({ service, rows }) => rows.filter((row) => !isOwn(service)(row)).map((row) => [row.variable, row])),
    );
    const sections = all.map(({ service, rows }) => {
      const peers = rows.filter((row) => row.variable.startsWith('TOCSIN_ADDRESSES_')).map((row) => `\`${row.variable}\``);
      const calls = peers.length === 0 ? '' : `Calls its peers at ${peers.join(', ')}.\n\n`;
      return `## ${service}\n\n${calls}${table(rows.filter(isOwn(service)))}`;
    });
    const text = [
      '# Settings',
      'Environment variables of every service, as `node services/<name>/dist/main.js --check-config` prints them; written by `integration-tests/settings.int.test.ts`. Those of a channel stand in its own folder.',
      '## All services',
      table([...shared.values()]),
      ...sections,
    ].join('\n\n');
    const style = JSON.parse(readFileSync(join(ROOT, '.prettierrc'), 'utf8')) as object;
    await expect(await format(text, { ...style, parser: 'markdown' })).toMatchFileSnapshot(join(ROOT, 'docs/settings.md'));
  });
});
