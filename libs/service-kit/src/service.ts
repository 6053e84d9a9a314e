import type { z } from 'zod';
import type { Logger, Metrics, Tracing } from '@tocsin/observability';
import type { Clock } from './clock.js';

/** One setting: environment name without the "TOCSIN_<SERVICE>_" prefix, or whole when `shared` ("TOCSIN_..."). */
export interface Setting<T> {
  readonly env: string;
  readonly shared?: boolean;
  /** Parses the text of the environment variable; its default makes it optional. */
  readonly schema: z.ZodType<T, string | undefined>;
  /** One sentence with unit. */
  readonly doc: string;
  /** Its value is never printed. */
  readonly secret?: boolean;
}

export type SettingsOf<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** The order of a drain: each stage is finished before the next begins. */
export type DrainStage = 'stop-intake' | 'finish' | 'commit' | 'close';

export interface Drain {
  on(stage: DrainStage, name: string, run: (deadlineMs: number) => Promise<void>): void;
}

export interface Health {
  /** Ready when every check answers true. */
  readyWhen(name: string, check: () => boolean): void;
  /**
   * Alive means progressing: while `pending()` is true, `progress()` (any changing number) must change at least every 15 s,
   * else live says no and the process ends itself.
   */
  aliveWhile(name: string, watch: { pending(): boolean; progress(): number }): void;
}

export interface ServiceContext<C> {
  /** e.g. "routing". */
  readonly name: string;
  /** Unique per process, e.g. "routing-7431-<random>". */
  readonly instanceId: string;
  readonly config: C;
  readonly platform: PlatformConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly health: Health;
  readonly drain: Drain;
  /** A defect or lost dependency that only a restart mends: drains for at most 2 s and exits with 1. */
  fail(reason: string, error?: unknown): void;
}

/** How to reach Kafka: `connectKafka` of libs/kafka takes it with a client id. */
export interface KafkaLink {
  readonly brokers: readonly string[];
  readonly prefix: string;
  /** TOCSIN_KAFKA_COPIES */
  readonly copies?: number | undefined;
  /** TOCSIN_RACK */
  readonly rack?: string | undefined;
  /** TOCSIN_KAFKA_CA, _CERTIFICATE, _KEY, _USER, _PASSWORD_FILE, _MECHANISM; undefined on loopback. */
  readonly security:
    | {
        readonly ca: string;
        readonly certificate: string | undefined;
        readonly key: string | undefined;
        readonly user: string | undefined;
        readonly passwordFile: string | undefined;
        readonly mechanism: 'scram-sha-512' | 'scram-sha-256' | 'plain';
      }
    | undefined;
}

/** How to reach the document store: `connectMongo` of libs/mongo takes it with a database. */
export interface StoreLink {
  readonly uri: string;
  /** TOCSIN_MONGO_CA, _CERTIFICATE, _KEY, _USER, _PASSWORD_FILE, _AUTH_SOURCE; undefined on loopback. */
  readonly security:
    | {
        readonly ca: string;
        readonly certificate: string | undefined;
        readonly key: string | undefined;
        readonly user: string | undefined;
        readonly passwordFile: string | undefined;
        readonly authSource: string;
      }
    | undefined;
}

/** Settings every service shares; each is read from the "TOCSIN_..." variable in its comment. */
export interface PlatformConfig {
  /** For connectKafka. */
  readonly kafka: KafkaLink;
  /** For connectMongo. */
  readonly mongo: StoreLink;
  /** TOCSIN_KAFKA_BROKERS, comma separated. */
  readonly kafkaBrokers: readonly string[];
  /** TOCSIN_MONGO_URI */
  readonly mongoUri: string;
  /** TOCSIN_TOPIC_PREFIX, '' in production. */
  readonly topicPrefix: string;
  /** TOCSIN_DATABASE_PREFIX, 'tocsin_' by default. */
  readonly databasePrefix: string;
  /** TOCSIN_KEY_FILE */
  readonly keyFile: string;
  /** TOCSIN_MODE */
  readonly mode: 'development' | 'production';
  /** TOCSIN_RECORDS: the form in which records are written; what is read may have either. */
  readonly records: 'current' | '0.1';
  /** TOCSIN_BIND_HOST, 127.0.0.1 by default. */
  readonly bindHost: string;
  /** TOCSIN_LINK_CERTIFICATE, TOCSIN_LINK_KEY, TOCSIN_LINK_CA: PEM files with which services prove themselves to each other; undefined on loopback. */
  readonly links: { readonly certificate: string; readonly key: string; readonly ca: string } | undefined;
  /** TOCSIN_ADDRESSES_<SERVICE>: host:port of a peer service's instances, those at this site apart from the others; for openGrpcChannel. */
  addresses(service: string): { readonly near: readonly string[]; readonly far: readonly string[] };
}

/** An extra HTTP route of a service's own (the gateway's); JSON or text bodies only, 64 KiB at most. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST';
  /** Path with ":name" parameters. */
  readonly path: string;
  handle(request: { readonly params: Readonly<Record<string, string>>; readonly body: string }): Promise<{
    readonly status: number;
    readonly type: string;
    readonly body: string;
    /** Seconds after which the same request may succeed, as the header Retry-After. */
    readonly retryAfter?: number;
  }>;
}

export interface ServiceSpec<S extends Readonly<Record<string, Setting<unknown>>>> {
  readonly name: string;
  readonly settings: S;
  /** Services it calls: their TOCSIN_ADDRESSES_<SERVICE> must be set. */
  readonly peers?: readonly string[];
  /** Certificates of its own settings, by what they are for: their end is shown beside that of the links'. */
  certificates?(config: SettingsOf<S>): Readonly<Record<string, string | undefined>>;
  /** Wiring only: starts the parts, registers readiness and drain. */
  start(context: ServiceContext<SettingsOf<S>>): Promise<{ readonly routes?: readonly HttpRoute[] } | void>;
}
