import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.js';
import { figures, frozen, gone, healthy, notReady, NOW } from './facts.fixture.test.js';
import type { Facts } from './facts.js';

const DAY = 86_400;
const named = (facts: Facts): string[] => diagnose(facts).map(({ kind, subject }) => `${kind} ${subject}`);
const followers = (facts: Facts): string[] => diagnose(facts).flatMap(({ follows }) => follows.map(({ kind }) => kind));

const away = { 'tocsin_channel_route_bound{route="r1"}': 0 };
const standardWaits = figures({ 'tocsin_scheduler_longest_wait_seconds{channel="sms",lane="standard"}': 90 });
const loop = [50, 40, 20].map((seconds) => ({ at: NOW - seconds * 1_000, how: 'SIGKILL' }));
const storeAway = { reachable: false, error: 'no answer', ms: 0 };
const noKafka = { ...(healthy().kafka ?? never()), reachable: false, nodes: 0, error: 'no answer' };

const causes: [string, Facts, string[]][] = [
  ['nothing', healthy(), []],
  ['a frozen process, whose instance goes on', healthy({ routing: { state: 'stopped', probe: frozen } }), ['ServiceFrozen routing']],
  [
    'one that takes connections on another machine and does not answer',
    healthy({ routing: { state: 'unknown', probe: frozen } }),
    ['ServiceFrozen routing'],
  ],
  ['a process that does not run', healthy({ tenants: { state: 'gone', probe: gone } }), ['ServiceDown tenants']],
  [
    'one that ends again and again, between two starts',
    healthy({ campaigns: { state: 'gone', ends: loop, probe: gone } }),
    ['RestartLoop campaigns'],
  ],
  ['and while it runs', healthy({ campaigns: { ends: loop } }), ['RestartLoop campaigns']],
  ['ends of an hour ago are over', healthy({ campaigns: { ends: loop.map((end) => ({ ...end, at: end.at - 3_600_000 })) } }), []],
  ['one with work that does not move', healthy({ routing: { probe: { live: false } } }), ['NoProgress routing']],
  ['one that drains is not ill', healthy({ routing: { probe: notReady('draining') } }), []],
  [
    'a provider that nobody is bound to',
    healthy({ 'channel-sms': { probe: figures(away) }, 'channel-sms-2': { probe: figures(away) } }),
    ['RouteDown sms/r1'],
  ],
  ['a route that one instance has lost is the other one’s', healthy({ 'channel-sms': { probe: figures(away) } }), []],
  [
    'a circuit that opened',
    healthy({
      'channel-sms': { probe: figures({ 'tocsin_channel_route_bound{route="r1"}': 1, 'tocsin_channel_route_circuit{route="r1"}': 2 }) },
    }),
    ['CircuitOpen sms/r1'],
  ],
  [
    'a standby whose link test fails',
    healthy({
      'channel-sms': {
        probe: figures({ 'tocsin_channel_route_bound{route="r1"}': 1, 'tocsin_channel_link_test_ok{route="r1",kind="bind"}': 0 }),
      },
    }),
    ['LinkTestFailing sms/r1'],
  ],
  [
    'a provider that asks to slow down',
    healthy({
      'channel-sms': {
        probe: figures(
          { 'tocsin_channel_not_submitted_total{why="throttled"}': 60, tocsin_channel_submit_seconds_count: 200 },
          { 'tocsin_channel_not_submitted_total{why="throttled"}': 20, tocsin_channel_submit_seconds_count: 100 },
        ),
      },
    }),
    ['ProviderThrottles sms'],
  ],
  [
    'a provider that takes and does not answer',
    healthy({ 'channel-sms': { probe: figures({ tocsin_channel_in_doubt: 256, tocsin_channel_in_doubt_limit: 256 }) } }),
    ['ProviderSlow sms'],
  ],
  [
    'a lane that operators hold',
    healthy({ routing: { probe: figures({ 'tocsin_scheduler_held_campaigns{channel="sms",lane="bulk"}': 2 }) } }),
    ['LaneHeld sms/bulk'],
  ],
  [
    'life-safety that waits',
    healthy({ routing: { probe: figures({ 'tocsin_scheduler_longest_wait_seconds{channel="sms",lane="life-safety"}': 9 }) } }),
    ['LifeSafetyWaits sms/life-safety'],
  ],
  [
    'a reader that is stuck',
    healthy({ deliveries: { probe: figures({ 'tocsin_kafka_batch_running_seconds{reader="deliveries"}': 40 }) } }),
    ['ConsumerStuck deliveries/deliveries'],
  ],
  [
    'a backlog that grows old',
    healthy({ deliveries: { probe: figures({ 'tocsin_kafka_lag_seconds{reader="deliveries",topic="t"}': 40 }) } }),
    ['BacklogOld deliveries/t'],
  ],
  [
    'calls that are refused',
    healthy({
      gateway: {
        probe: figures({ 'tocsin_gateway_calls_shed_total{reason="busy"}': 9 }, { 'tocsin_gateway_calls_shed_total{reason="busy"}': 2 }),
      },
    }),
    ['ApiShedding gateway'],
  ],
  ['a hole in the audit', healthy({ gateway: { probe: figures({ tocsin_gateway_audit_lost_total: 1 }) } }), ['AuditBroken gateway']],
  [
    'a certificate that ends soon',
    healthy({ routing: { probe: figures({ 'tocsin_certificate_expires_seconds{of="link"}': 3 * DAY }) } }),
    ['CertificateExpiring routing/link'],
  ],
  [
    'letters nobody dealt with',
    {
      ...healthy(),
      kafka: {
        ...(healthy().kafka ?? never()),
        deadLetters: [{ topic: 't', waiting: 2, reasons: ['DECODE_FAILED'], groups: ['g'], newest: NOW }],
      },
    },
    ['DeadLetters t'],
  ],
  ['a backup of an hour ago', { ...healthy(), backup: { folder: '/backups', takenAt: NOW - 3_600_000 } }, ['BackupOld /backups']],
  ['a folder without any', { ...healthy(), backup: { folder: '/backups', takenAt: 0 } }, ['BackupOld /backups']],
  ['a store that answers slowly', { ...healthy(), store: { reachable: true, error: '', ms: 900 } }, ['StoreSlow document store']],
  [
    'a disk that is full, though broker and store ended of it',
    {
      ...healthy({ kafka: { state: 'gone' } }),
      kafka: noKafka,
      store: storeAway,
      disks: [{ path: '/data', freeBytes: 0, totalBytes: 1e10 }],
    },
    ['DiskFilling /data'],
  ],
];

describe('the doctor names', () => {
  it.each(causes)('%s', (_, facts, expected) => {
    expect(named(facts)).toEqual(expected);
  });
});

describe('the doctor tells causes from what follows', () => {
  it('a store that is away: whoever waits for it, and what ends of it, is no cause of its own', () => {
    const facts = {
      ...healthy({ tenants: { probe: notReady('store') }, campaigns: { ends: loop, state: 'gone', probe: gone } }),
      store: storeAway,
    };
    expect(named(facts)).toEqual(['StoreAway document store']);
    expect(followers(facts).toSorted()).toEqual(['NotReady', 'RestartLoop']);
  });

  it('a provider that is down: its channel waits and is not ready', () => {
    const probe = { ...figures(away), ...notReady('route bound') };
    const facts = healthy({ 'channel-sms': { probe }, 'channel-sms-2': { probe }, routing: { probe: standardWaits } });
    expect(named(facts)).toEqual(['RouteDown sms/r1']);
    expect(followers(facts).toSorted()).toEqual(['BacklogOld', 'NotReady', 'NotReady']);
  });

  it('but what waits on another channel has a cause of its own', () => {
    const mails = { 'tocsin_channel_route_bound{route="r1"}': 0 };
    const facts = healthy({
      'channel-email': { probe: figures(mails) },
      'channel-email-2': { probe: figures(mails) },
      routing: { probe: standardWaits },
    });
    expect(named(facts)).toEqual(['RouteDown email/r1', 'BacklogOld sms/standard']);
  });

  it('a site that is away: its processes, its broker and its copies are one cause', () => {
    const site = Object.fromEntries(
      healthy().processes.map(({ name, kind }) => [
        name,
        kind === 'ground' ? {} : name.endsWith('-2') ? { place: 'B' } : { place: 'A', probe: gone },
      ]),
    );
    const facts = {
      ...healthy(site),
      kafka: { ...(healthy().kafka ?? never()), nodes: 2, partitions: [{ topic: 't', leader: 2, copies: 3, inSync: 2 }] },
    };
    expect(named(facts)).toEqual(['SiteAway A']);
    expect(followers(facts).toSorted()).toEqual(['KafkaAway', 'UnderReplicated']);
  });

  it('two causes are two findings, the critical one first', () => {
    const probe = figures(away);
    const facts = healthy({ 'channel-sms': { probe }, 'channel-sms-2': { probe }, tenants: { state: 'stopped', probe: frozen } });
    expect(named(facts)).toEqual(['RouteDown sms/r1', 'ServiceFrozen tenants']);
  });

  it('the last instance of a service is critical, one of two is not', () => {
    const both = healthy({ tenants: { state: 'stopped', probe: frozen }, 'tenants-2': { state: 'stopped', probe: frozen } });
    expect(diagnose(both).map(({ severity }) => severity)).toEqual(['critical', 'critical']);
    expect(diagnose(healthy({ tenants: { state: 'stopped', probe: frozen } })).map(({ severity }) => severity)).toEqual(['warning']);
  });
});

function never(): never {
  throw new Error('the healthy facts have Kafka');
}
