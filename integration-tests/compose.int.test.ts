import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groundEnv, kafkaProperties, repositoryRoot, startGround } from '@tocsin/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly network_mode?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas: number };
}

const root = repositoryRoot();
const scratch = mkdtempSync(join(tmpdir(), 'tocsin-compose-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const folder = join(root, 'deploy');
const { services } = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>;
};
const own = readdirSync(join(root, 'services'));

describe('deploy/compose.yaml, which can be read here and not started', () => {
  it('runs every service and channel, twice where no port of the machine is at stake, as a user of its own', () => {
    const found = Object.keys(services).filter((name) => own.includes(name));
    expect(found.toSorted()).toEqual(own.toSorted());
    for (const name of own)
      expect([name, services[name]?.command, services[name]?.deploy?.replicas]).toEqual([name, [name], name === 'gateway' ? 1 : 2]);
    expect(new Set(own.map((name) => services[name]?.user)).size).toBe(own.length);
  });

  it('lets nothing write to its root or gain a capability, but the job without a network that hands out the credentials', () => {
    expect(Object.keys(services).filter((name) => services[name]?.read_only !== true)).toEqual([]);
    expect(Object.keys(services).filter((name) => services[name]?.cap_drop?.join() !== 'ALL')).toEqual(['credentials']);
    expect(services['credentials']?.network_mode).toBe('none');
  });

  it('waits for what it needs, and everything it waits for is there', () => {
    const awaited = Object.values(services).flatMap((service) => Object.keys(service.depends_on ?? {}));
    expect(awaited.filter((name) => !(name in services))).toEqual([]);
    expect(own.filter((name) => services[name]?.depends_on?.['access']?.condition !== 'service_completed_successfully')).toEqual([]);
  });

  it.each(own)('%s takes the settings it is given, and is given all it needs', async (name) => {
    const ground = await startGround();
    // Whatever is read from a file: only its being there counts.
    const any = join(scratch, 'any');
    writeFileSync(any, 'x');
    const told = Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
      key,
      value.startsWith('/run/tocsin/') ? any : filled(value),
    ]);
    const checked = spawnSync(process.execPath, [join(root, 'services', name, 'dist/main.js'), '--check-config'], {
      env: { PATH: process.env['PATH'], ...Object.fromEntries(told), TOCSIN_KEY_FILE: groundEnv(ground)['TOCSIN_KEY_FILE'] },
      encoding: 'utf8',
    });
    expect([checked.status, checked.stderr]).toEqual([0, '']);
    expect(checked.stdout).not.toContain('is set but nothing reads it');
  });

  it('hands each user exactly the folder that is mounted for it', () => {
    const script = readFileSync(join(folder, 'compose/hand-out-credentials.sh'), 'utf8').split("<<'USERS'")[1] ?? '';
    const handed = new Map([...script.matchAll(/^([a-z-]+) (\d+)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']));
    for (const name of own) {
      expect([name, `${handed.get(name)}:${handed.get(name)}`]).toEqual([name, services[name]?.user]);
      expect(services[name]?.volumes).toEqual([`\${TOCSIN_COMPOSE_STATE:-../.tocsin/compose}/out/${name}:/run/tocsin:ro`]);
    }
    expect([...handed.keys()].filter((name) => !own.includes(name))).toEqual(['kafka', 'store']);
  });

  it('runs Kafka as it runs closed on the embedded ground, on three racks', async () => {
    const nodes = ['a', 'b', 'w'].map((rack, at) => ({
      id: at + 1,
      host: `kafka-${rack}`,
      port: 9093,
      internalPort: 9094,
      controllerPort: 9095,
      rack,
    }));
    for (const node of nodes) {
      const properties = kafkaProperties(node, nodes, '/var/lib/kafka/data', { pair: '/run/tocsin/tls.pem', ca: '/run/tocsin/ca.crt' });
      // The image has only Kafka's own classes: a renewed certificate is taken up when the broker starts again, one after the other.
      const without = properties.replace(/^ssl\.engine\.factory\.class=.*\n/m, '');
      expect(without).not.toBe(properties);
      await expect(without).toMatchFileSnapshot(join(folder, `compose/kafka-${node.rack}.properties`));
    }
  });
});

/** "${NAME:-default}" -> "default". */
function filled(value: string): string {
  return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
}
