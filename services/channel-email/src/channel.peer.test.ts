import { TOPICS, attemptRecordsOf, attemptsTopic, channelTopicSpecs, grantedTopic, newId, record, unpackEnvelope } from '@tocsin/contracts';
import { Lane, SealedRecipient, Status } from '@tocsin/contracts/common/v1/common';
import type { Attempt, AttemptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import { GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { loadSealer, type Sealer } from '@tocsin/sealing';
import { failTest, groundEnv, startGround, startService, type ServiceProcess, type TestGround } from '@tocsin/testing';
import { startStandIn, type StandIn } from './providers/smtp/stand-in.peer.test.js';

const SHARES = 4;
const ITEMS_A_RECORD = 25;

export interface SeenAttempt extends Attempt {
  readonly deliveryId: string;
}

/** The channel as a process on the real ground: a scheduler's hand that grants, and eyes on its attempts. */
export class ChannelRig {
  readonly attempts: SeenAttempt[] = [];
  readonly #services: ServiceProcess[] = [];

  private constructor(
    readonly ground: TestGround,
    readonly kafka: KafkaConnection,
    readonly sealer: Sealer,
    readonly standIn: StandIn,
    private readonly rate: number,
  ) {}

  static async open(rate: number): Promise<ChannelRig> {
    const ground = await startGround();
    const observability = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
    const kafka = connectKafka({ brokers: ground.brokers, clientId: 'test', prefix: ground.prefix }, { ...observability, fail: failTest });
    const shared = [TOPICS.suppressions, TOPICS.campaignStops, TOPICS.manifests, TOPICS.capacity, TOPICS.replies];
    await kafka.ensureTopics([...shared, ...channelTopicSpecs('email', SHARES)]);
    const rig = new ChannelRig(ground, kafka, loadSealer(ground.keyFile), await startStandIn(rate), rate);
    const tail = kafka.tail({
      name: 'test',
      topics: [{ topic: attemptsTopic('email'), from: 'beginning' }],
      onBatch: (batch) => {
        for (const { envelope } of batch.records)
          if (envelope !== null) attemptRecordsOf(unpackEnvelope(envelope)).forEach((one) => rig.#see(one));
        return Promise.resolve();
      },
    });
    await tail.start();
    return rig;
  }

  async start(): Promise<ServiceProcess> {
    const service = await startService('channel-email', {
      ...groundEnv(this.ground),
      TOCSIN_CHANNEL_EMAIL_RELAY_PORT: String(this.standIn.port),
      TOCSIN_CHANNEL_EMAIL_RELAY_SECURITY: 'none',
      TOCSIN_CHANNEL_EMAIL_RATE: String(this.rate),
    });
    this.#services.push(service);
    return service;
  }

  /** Grants mails of one campaign over the shares and answers their delivery ids. */
  async grant(count: number, expiresAt = Date.now() + 600_000): Promise<string[]> {
    const campaignId = newId('cmp');
    const tenantId = newId('ten');
    const sealKey = this.sealer.createTenantKey();
    const ids: string[] = [];
    const records = [];
    for (let start = 0; start < count; start += ITEMS_A_RECORD) {
      const items = Array.from({ length: Math.min(ITEMS_A_RECORD, count - start) }, (_none, offset) => {
        const at = start + offset;
        const [slice, index] = [Math.floor(at / 250), at % 250];
        ids.push(`${campaignId}.${slice}.${index}.email`);
        const address = mailboxOf(at);
        const box = this.sealer.seal(sealKey, SealedRecipient.encode({ address, variables: { first_name: `P${at}` } }).finish());
        return { slice, tag: at, item: { index, n: 1, cost: 1, box, addressHash: this.sealer.addressHash(address) } };
      });
      const frame = {
        campaignId,
        tenantId,
        channel: 'email',
        lane: Lane.STANDARD,
        status: Status.TEST,
        expiresAt,
        message: { channel: 'email', language: 'fr', subject: 'Exercice', body: 'Bonjour {{ first_name }}' },
        sealKey,
        purpose: 'alert',
        mailFrom: 'mairie@example.org',
        tenantName: 'Ville',
      };
      const share = (start / ITEMS_A_RECORD) % SHARES;
      const meta = { tenantId, occurredAt: Date.now(), epoch: 1 };
      const grant = GrantRecord.fromPartial({ frame, items, grantedAt: Date.now() });
      records.push(record(grantedTopic('email', Lane.STANDARD), String(share), 'tocsin.routing.v1.GrantRecord', grant, meta, share));
    }
    await this.kafka.producer().send(records);
    return ids;
  }

  async suppress(address: string): Promise<void> {
    const addressHash = this.sealer.addressHash(address);
    const value = {
      tenantId: '*',
      channel: 'email',
      addressHash,
      purposes: ['*'],
      source: 'mail-unsubscribe',
      decidedAt: Date.now(),
      liftedAt: 0,
    };
    const key = `*:email:${addressHash.toString('hex')}`;
    const meta = { tenantId: '*', occurredAt: Date.now() };
    await this.kafka.producer().send([record(TOPICS.suppressions.name, key, 'tocsin.subscribers.v1.Suppression', value, meta)]);
  }

  async close(): Promise<void> {
    for (const service of this.#services) await service.kill().catch(() => undefined);
    await this.standIn.stop();
    await this.kafka.close(5_000);
    await this.ground.stop();
  }

  #see({ campaignId, slice, attempts }: AttemptRecord): void {
    for (const attempt of attempts) this.attempts.push({ ...attempt, deliveryId: `${campaignId}.${slice}.${attempt.index}.email` });
  }
}

/** Of a domain reserved for examples. */
export function mailboxOf(at: number): string {
  return `person-${at}@example.net`;
}
