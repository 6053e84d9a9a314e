import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { LinkTest, ProviderReceipt, RouteDriver, Submission } from '../channel.js';
import { receiptKeyOf } from '../knowledge/knowledge.js';
import { LINK_TEST_KINDS, type ChannelMetrics, type LinkTestKind } from '../metrics.js';
import { LINK_DEADLINE_MS } from './route-watcher.js';

/** ms a test message may take to be answered. */
const MESSAGE_DEADLINE_MS = 15_000;
/** Receipts of test messages awaited: a day of them, every minute, on four routes. */
const MAX_AWAITED = 5_760;

export interface LinkTesterDeps {
  readonly channel: string;
  readonly drivers: readonly RouteDriver[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ChannelMetrics;
  /** ms between two tests of a link, and between two test messages on a route. */
  readonly linkEveryMs: number;
  readonly messageEveryMs: number;
  /** Whether this instance sends the channel's test messages: one does. */
  sendsMessages(): boolean;
  /** A test message for this address, as the channel would say it. */
  compose(address: string): Pick<Submission, 'rendered' | 'addressHash'>;
  /** A test message was taken by a route. */
  proven(driver: RouteDriver): void;
}

/** When a route was last tested in each way, monotonic ms; and when last with success. */
interface Record {
  triedAt: number;
  goodAt: number;
}

/**
 * Tests every route of the channel all day, standbys included: the link by each instance, and a real message to a number of ours by one of them. Test messages have no
 * campaign and no tenant: they appear in no report and count against no quota.
 */
export class LinkTester {
  readonly #records = new Map<RouteDriver, { readonly [kind in LinkTestKind]: Record }>();
  readonly #testing = new Set<string>();
  /** Receipt keys of test messages -> route, oldest first. */
  readonly #awaited = new Map<string, string>();
  #sent = 0;

  constructor(private readonly deps: LinkTesterDeps) {
    const now = deps.clock.monotonic();
    const fresh = (): Record => ({ triedAt: -Infinity, goodAt: now });
    for (const driver of deps.drivers) this.#records.set(driver, { link: fresh(), message: fresh() });
  }

  /** Called about once a second: starts what is due. */
  look(): void {
    const { drivers, clock, linkEveryMs, messageEveryMs } = this.deps;
    const now = clock.monotonic();
    for (const driver of drivers) {
      if (driver.testLink && this.#due(driver, 'link', linkEveryMs, now)) void this.testLink(driver);
      const { testAddress } = driver.terms ?? {};
      if (testAddress !== undefined && this.#due(driver, 'message', messageEveryMs, now) && this.deps.sendsMessages())
        void this.#run(driver, 'message', () => this.#message(driver, testAddress));
      this.#age(driver, now);
    }
  }

  /** Tests a link now; a driver that cannot be tested is taken at its word. */
  testLink(driver: RouteDriver): Promise<boolean> {
    return this.#run(driver, 'link', () => driver.testLink?.(LINK_DEADLINE_MS) ?? Promise.resolve({ ok: driver.bound(), code: '' }));
  }

  /** Whether a receipt is a test message's own; if so it is counted here, and concerns nobody else. */
  took(provider: string, receipt: ProviderReceipt): boolean {
    if (this.#awaited.size === 0) return false;
    const key = receiptKeyOf(provider, receipt.providerId);
    const route = this.#awaited.get(key);
    if (route === undefined) return false;
    this.deps.metrics.linkReceipts.add({ route, state: receipt.state === 'delivered' ? 'delivered' : 'other' });
    return true;
  }

  #due(driver: RouteDriver, kind: LinkTestKind, everyMs: number, now: number): boolean {
    const record = this.#records.get(driver)?.[kind];
    return record !== undefined && now - record.triedAt >= everyMs && !this.#testing.has(`${driver.routeId}/${kind}`);
  }

  async #run(driver: RouteDriver, kind: LinkTestKind, test: () => Promise<LinkTest>): Promise<boolean> {
    const { clock, metrics, logger } = this.deps;
    const name = `${driver.routeId}/${kind}`;
    const record = this.#records.get(driver)?.[kind];
    const started = clock.monotonic();
    if (record) record.triedAt = started;
    this.#testing.add(name);
    const result = await test().catch((): LinkTest => ({ ok: false, code: 'DRIVER_THREW' }));
    this.#testing.delete(name);
    const labels = { route: driver.routeId, kind };
    metrics.linkTests.add({ ...labels, outcome: result.ok ? 'ok' : 'failed' });
    metrics.linkTestOk.set(result.ok ? 1 : 0, labels);
    metrics.linkTestSeconds.observe((clock.monotonic() - started) / 1_000);
    if (result.ok && record) record.goodAt = clock.monotonic();
    if (!result.ok) logger.warn('route.link-test-failed', { ...labels, code: result.code });
    return result.ok;
  }

  async #message(driver: RouteDriver, address: string): Promise<LinkTest> {
    this.#sent += 1;
    const { channel, clock } = this.deps;
    const submission: Submission = {
      // No campaign has such an id, so that nothing takes it for a delivery.
      deliveryId: `link-test.${driver.routeId}.${clock.now()}-${this.#sent}.${channel}`,
      n: 1,
      address,
      ...this.deps.compose(address),
      tenantId: '',
      campaignId: '',
      expiresAt: clock.now() + this.deps.messageEveryMs,
      smsSender: '',
      mailFrom: '',
      tenantName: 'Tocsin',
      purpose: 'link-test',
      possibleDuplicate: false,
      share: 0,
    };
    const answer = await driver.submit(submission, MESSAGE_DEADLINE_MS);
    if (answer.kind !== 'accepted') return { ok: false, code: answer.code === '' ? answer.kind : answer.code };
    for (const id of answer.providerIds) this.#await(receiptKeyOf(driver.provider, id), driver.routeId);
    this.deps.proven(driver);
    return { ok: true, code: answer.code };
  }

  #await(key: string, route: string): void {
    this.#awaited.set(key, route);
    if (this.#awaited.size <= MAX_AWAITED) return;
    const oldest = this.#awaited.keys().next();
    if (!oldest.done) this.#awaited.delete(oldest.value);
  }

  #age(driver: RouteDriver, now: number): void {
    const records = this.#records.get(driver);
    if (!records) return;
    for (const kind of LINK_TEST_KINDS) {
      const tested = kind === 'link' ? driver.testLink !== undefined : driver.terms?.testAddress !== undefined && this.deps.sendsMessages();
      this.deps.metrics.linkTestAge.set(tested ? (now - records[kind].goodAt) / 1_000 : 0, { route: driver.routeId, kind });
    }
  }
}
