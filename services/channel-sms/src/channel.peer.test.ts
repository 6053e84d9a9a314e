import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  TOPICS,
  attemptRecordsOf,
  attemptsTopic,
  channelTopicSpecs,
  grantedTopic,
  newId,
  receiptsTopic,
  record,
  sliceKey,
  unpackEnvelope,
} from '@tocsin/contracts';
import type { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Lane, SealedRecipient, Status } from '@tocsin/contracts/common/v1/common';
import { ReceiptRecord, type Attempt, type Receipt } from '@tocsin/contracts/deliveries/v1/attempts';
import { GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import { Reply } from '@tocsin/contracts/channels/v1/channels';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { loadSealer, type Sealer } from '@tocsin/sealing';
import { failTest, groundEnv, startGround, startService, type ServiceProcess, type TestGround } from '@tocsin/testing';
import type { LedgerLine } from './providers/smpp/stand-in/ledger.js';

/** The SMSC stand-in as its own process, as `npm start` runs it. */
export class StandIn {
  private constructor(
    private readonly child: ChildProcess,
    readonly smpp: number,
    private readonly http: number,
    private readonly ledger: string,
  ) {}

  static async start(rate: number): Promise<StandIn> {
    const ledger = join(mkdtempSync(join(tmpdir(), 'tocsin-smsc-')), 'ledger.jsonl');
    const program = fileURLToPath(new URL('../dist/providers/smpp/stand-in.js', import.meta.url));
    const ports = { TOCSIN_STANDIN_PORT: '0', TOCSIN_STANDIN_HTTP_PORT: '0' };
    const env = { ...process.env, ...ports, TOCSIN_STANDIN_LEDGER: ledger, TOCSIN_STANDIN_RATE: String(rate) };
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const said = JSON.parse(line) as { smpp: number; http: number };
    return new StandIn(child, said.smpp, said.http, ledger);
  }

  lines(): LedgerLine[] {
    const rows = readFileSync(this.ledger, 'utf8').split('\n');
    return rows.filter((row) => row !== '').map((row) => JSON.parse(row) as LedgerLine);
  }

  async post(path: string, body: unknown): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.http}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }

  async stats(): Promise<{ accepted: number; throttled: number; peakPerSecond: number; binds: number }> {
    const answer = await fetch(`http://127.0.0.1:${this.http}/stats`);
    return (await answer.json()) as { accepted: number; throttled: number; peakPerSecond: number; binds: number };
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}

export interface SeenAttempt extends Attempt {
  readonly deliveryId: string;
}

/** One channel on the real ground: a scheduler's hand that grants, and eyes on everything it answers. */
export class ChannelRig {
  readonly attempts: SeenAttempt[] = [];
  readonly receipts: (Receipt & { readonly deliveryId: string })[] = [];
  readonly replies: Reply[] = [];
  readonly #services: ServiceProcess[] = [];
  readonly #beside: StandIn[] = [];

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
    await kafka.ensureTopics([...shared, ...channelTopicSpecs('sms', 4)]);
    const rig = new ChannelRig(ground, kafka, loadSealer(ground.keyFile), await StandIn.start(rate), rate);
    await rig.#watch();
    return rig;
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const service = await startService('channel-sms', {
      ...groundEnv(this.ground),
      TOCSIN_CHANNEL_SMS_SMPP_PORT: String(this.standIn.smpp),
      TOCSIN_CHANNEL_SMS_RATE: String(this.rate),
      TOCSIN_CHANNEL_SMS_RECEIPT_TIMEOUT_MS: '20000',
      TOCSIN_LOG_LEVEL: 'info',
      ...env,
    });
    this.#services.push(service);
    return service;
  }

  /** Grants `count` items of one campaign over four shares, 25 a record, and answers their delivery ids. */
  async grant(campaignId: string, count: number, options: GrantOptions = {}): Promise<string[]> {
    const tenantId = options.tenantId ?? newId('ten');
    const sealKey = this.sealer.createTenantKey();
    const lane = options.lane ?? Lane.STANDARD;
    const records = [];
    const ids: string[] = [];
    for (let start = 0; start < count; start += 25) {
      const items = [];
      for (let at = start; at < Math.min(count, start + 25); at++) {
        const [slice, index] = [Math.floor(at / 250), at % 250];
        const address = addressOf(at);
        const box = this.sealer.seal(sealKey, SealedRecipient.encode({ address, variables: { first_name: `P${at}` } }).finish());
        ids.push(`${campaignId}.${slice}.${index}.sms`);
        items.push({
          slice,
          tag: at,
          item: {
            index,
            n: 1,
            cost: 1,
            box: options.broken === at ? Buffer.from('broken') : box,
            addressHash: this.sealer.addressHash(address),
          },
        });
      }
      const grant = GrantRecord.fromPartial({
        frame: {
          campaignId,
          tenantId,
          channel: 'sms',
          lane,
          status: Status.TEST,
          expiresAt: options.expiresAt ?? Date.now() + 600_000,
          message: { channel: 'sms', language: 'fr', subject: '', body: options.body ?? 'Bonjour {{ first_name }}' },
          sealKey,
          purpose: 'alert',
        },
        items,
        grantedAt: Date.now(),
      });
      const meta = { tenantId, occurredAt: Date.now(), epoch: options.epoch ?? 1 };
      const share = (start / 25) % 4;
      records.push(record(grantedTopic('sms', lane), String(share), 'tocsin.routing.v1.GrantRecord', grant, meta, share));
    }
    await this.kafka.producer().send(records);
    return ids;
  }

  async stop(campaignId: string, kind: StopKind): Promise<void> {
    const value = { campaignId, kind, lane: Lane.STANDARD, at: Date.now() };
    const meta = { tenantId: '', occurredAt: Date.now() };
    await this.kafka.producer().send([record(TOPICS.campaignStops.name, campaignId, 'tocsin.campaigns.v1.CampaignStop', value, meta)]);
  }

  async suppress(address: string): Promise<void> {
    const addressHash = this.sealer.addressHash(address);
    const value = { tenantId: '*', channel: 'sms', addressHash, purposes: ['*'], source: 'sms-stop', decidedAt: Date.now(), liftedAt: 0 };
    const key = `*:sms:${addressHash.toString('hex')}`;
    const meta = { tenantId: '*', occurredAt: Date.now() };
    await this.kafka.producer().send([record(TOPICS.suppressions.name, key, 'tocsin.subscribers.v1.Suppression', value, meta)]);
  }

  /** A further stand-in, which ends with the rig. */
  async standInBeside(rate: number): Promise<StandIn> {
    const standIn = await StandIn.start(rate);
    this.#beside.push(standIn);
    return standIn;
  }

  attemptsOf(campaignId: string): SeenAttempt[] {
    return this.attempts.filter((attempt) => attempt.deliveryId.startsWith(campaignId));
  }

  async close(): Promise<void> {
    for (const service of this.#services) await service.kill().catch(() => undefined);
    for (const standIn of [this.standIn, ...this.#beside]) standIn.stop();
    await this.kafka.close(5_000);
    await this.ground.stop();
  }

  async #watch(): Promise<void> {
    const tail = this.kafka.tail({
      name: 'test',
      topics: [attemptsTopic('sms'), receiptsTopic('sms'), TOPICS.replies.name].map((topic) => ({ topic, from: 'beginning' as const })),
      onBatch: (batch) => {
        for (const { envelope, topic } of batch.records) {
          if (envelope === null) continue;
          if (topic === TOPICS.replies.name) this.replies.push(Reply.decode(envelope.payload));
          else if (topic === receiptsTopic('sms')) {
            const { campaignId, slice, receipts } = ReceiptRecord.decode(envelope.payload);
            for (const receipt of receipts)
              this.receipts.push({ ...receipt, deliveryId: `${sliceKey(campaignId, slice).replace(':', '.')}.${receipt.index}.sms` });
          } else {
            for (const { campaignId, slice, attempts } of attemptRecordsOf(unpackEnvelope(envelope)))
              for (const attempt of attempts) this.attempts.push({ ...attempt, deliveryId: `${campaignId}.${slice}.${attempt.index}.sms` });
          }
        }
        return Promise.resolve();
      },
    });
    await tail.start();
  }
}

export interface GrantOptions {
  readonly tenantId?: string;
  readonly lane?: Lane;
  readonly expiresAt?: number;
  readonly body?: string;
  readonly epoch?: number;
  /** Item whose box does not open. */
  readonly broken?: number;
}

/** Of the range reserved for fiction in France. */
export function addressOf(at: number): string {
  return `+3363998${String(at).padStart(4, '0')}`;
}
