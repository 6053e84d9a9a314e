import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startContainerStack, type ContainerStack } from './containers/container-stack.js';
import { buildImage, engineAnswers, inspect } from './containers/engine.js';
import { jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { accepted, outcomeOf, slowTo } from './outcome.js';

/** Residents, and SMS a second the stand-in takes: a send of some ten seconds, long enough to lose a container in its middle. */
const RESIDENTS = 600;
const RATE = 60;
/** Submitted and not yet recorded by one channel instance at most. */
const IN_DOUBT_AT_MOST = 256;
/** ms until the engine has looked at a container: it does so every 10 s. */
const FIRST_LOOK_MS = 40_000;
const SERVICES = [
  'gateway',
  'tenants',
  'subscribers',
  'campaigns',
  'routing',
  'deliveries',
  'channel-sms',
  'channel-sms-2',
  'channel-email',
];

const there = engineAnswers();

describe.skipIf(!there)(
  there
    ? 'every service in a container of the image'
    : 'no container engine answers here: the same promises hold for processes in nothing-lost.e2e',
  () => {
    let stack: ContainerStack;
    let town: Municipality;

    beforeAll(async () => {
      stack = await startContainerStack(buildImage(), ['channel-sms']);
      town = await newMunicipality(stack, 'Mairie de Saint-Conteneur');
      jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
      await slowTo(stack, RATE);
    }, 480_000);
    // There is none where it did not start.
    afterAll(async () => await (stack as ContainerStack | undefined)?.stop(), 120_000);

    it.each(SERVICES)('%s is nobody, can write nothing and gain nothing', (name) => {
      const id = stack.id(name);
      expect(inspect(id, '.Config.User')).toBe('10001:10001');
      expect(inspect(id, '.HostConfig.ReadonlyRootfs')).toBe(true);
      expect(inspect(id, '.HostConfig.CapDrop')).toEqual(['ALL']);
      const writes = (path: string): string => spawnSync('docker', ['exec', id, 'touch', path], { encoding: 'utf8' }).stderr;
      expect([writes('/app/x'), writes('/tmp/x')].every((said) => said.includes('Read-only file system'))).toBe(true);
      const status = execFileSync('docker', ['exec', id, 'cat', '/proc/1/status'], { encoding: 'utf8' });
      expect(/^CapEff:\s*(\w+)$/m.exec(status)?.[1]).toBe('0000000000000000');
      expect(/^NoNewPrivs:\s*(\d)$/m.exec(status)?.[1]).toBe('1');
    });

    it('the image holds no stand-in, no test and no package that only development needs, and says what it was made of', () => {
      const find = [
        'exec',
        stack.id('channel-sms'),
        'sh',
        '-c',
        'find /app/libs /app/services /app/tools -name "*stand-in*" -o -name "*.test.js"; ls -d /app/node_modules/vitest',
      ];
      expect(spawnSync('docker', find, { encoding: 'utf8' }).stdout).toBe('');
      const labels = inspect<Record<string, string>>(stack.id('gateway'), '.Config.Labels');
      expect(labels['org.opencontainers.image.revision']).toMatch(/^[0-9a-f]{40}/);
    });

    it('a channel container killed in the middle of a send: nobody is lost, every duplicate is marked', async () => {
      const id = await readyCampaign(stack, town, 'Exercice.');
      jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
      await untilAccepted(id, RESIDENTS / 3);
      await stack.kill('channel-sms');
      const outcome = await outcomeOf(stack, town, id);
      expect(outcome).toMatchObject({
        unaccounted: 0,
        reached: RESIDENTS,
        unmarked: [],
        tally: { recipients: RESIDENTS, terminal: RESIDENTS },
      });
      expect(outcome.twice.length).toBeLessThanOrEqual(IN_DOUBT_AT_MOST);
      await stack.startAgain('channel-sms');
    });

    it('containers stopped and started one after the other during a send drain within their grace: nobody is lost, nobody hears twice', async () => {
      const id = await readyCampaign(stack, town, 'Exercice de nouveau.');
      jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
      await untilAccepted(id, RESIDENTS / 6);
      const ends: Record<string, number> = {};
      for (const name of ['channel-sms-2', 'routing', 'deliveries', 'campaigns']) {
        ends[name] = await stack.drain(name);
        await stack.startAgain(name);
      }
      expect(ends).toEqual({ 'channel-sms-2': 0, routing: 0, deliveries: 0, campaigns: 0 });
      expect(await outcomeOf(stack, town, id)).toMatchObject({
        unaccounted: 0,
        reached: RESIDENTS,
        twice: [],
        tally: { terminal: RESIDENTS },
      });
    });

    it("the image's own health check says that each of them lives", async () => {
      const health = (): string[][] => SERVICES.map((name) => [name, inspect(stack.id(name), '.State.Health.Status')]);
      // One that was just started again is "starting" until it is looked at for the first time.
      const end = Date.now() + FIRST_LOOK_MS;
      while (health().some(([, status]) => status === 'starting') && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      expect(health().filter(([, status]) => status !== 'healthy')).toEqual([]);
    });

    async function untilAccepted(id: string, count: number): Promise<void> {
      const end = Date.now() + 120_000;
      while (accepted(stack, id) < count) {
        if (Date.now() > end) throw new Error(`only ${accepted(stack, id)} of ${count} accepted`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  },
);
