import { DATABASE_OWNERS, KAFKA_USERS } from '@tocsin/contracts';
import type { CredentialOptions } from '@tocsin/sealing/credentials';

/** As commander reads them. */
export interface GivenOptions {
  readonly out: string;
  readonly channel?: readonly string[];
  readonly host?: readonly string[];
  readonly days?: string;
}

/** What services connect to, and who administers both. */
const GROUND_NAMES = ['kafka', 'store', 'admin'];
/** Always, so that whoever runs on one machine needs to say nothing. */
const LOOPBACK = ['127.0.0.1', 'localhost'];

/** Every identity of an installation with these channels. */
export function credentialOptions(given: GivenOptions, databasePrefix: string, now: number): CredentialOptions {
  const names = [...KAFKA_USERS, ...(given.channel ?? []).map((channel) => `channel-${channel}`), ...GROUND_NAMES];
  const databases = new Map([...DATABASE_OWNERS.map((name) => [name, `${databasePrefix}${name}`] as const), ['admin', '*'] as const]);
  const days = given.days === undefined ? {} : { days: Number(given.days) };
  return { dir: given.out, names, databases, hosts: [...LOOPBACK, ...(given.host ?? [])], now, ...days };
}
