import type { AccessRule } from '@tocsin/contracts';
import { internalsOf } from '../connection-internals.js';
import type { KafkaConnection } from '../connection.js';
import { patiently } from '../patiently.js';
import { aclChanges, aclEntries, principalOf, type AclEntry } from './acl-entries.js';
import { alterScramRequest } from './alter-scram.js';

/** Entries of one request: some tens of kilobytes. */
const ENTRIES_AT_ONCE = 200;
const ANY = 1;

export interface AccessOutcome {
  readonly passwords: number;
  readonly allowed: number;
  /** Entries of these users that no rule asks for: left by an older table or by hand. */
  readonly withdrawn: number;
}

/**
 * Makes the users' passwords and rights on Kafka what they shall be: repeating it changes nothing. Rights are given before others are withdrawn. Only an
 * administrator may; users without a rule keep what they have.
 */
export async function applyKafkaAccess(
  connection: KafkaConnection,
  passwords: ReadonlyMap<string, string>,
  rules: readonly AccessRule[],
): Promise<AccessOutcome> {
  const { administer } = internalsOf(connection);
  if (passwords.size > 0)
    await patiently('passwords', () => administer('set passwords', (broker) => broker.connectionPool.send(alterScramRequest(passwords))));
  const users = [...new Set(rules.map(({ user }) => user))];
  const present: AclEntry[] = [];
  for (const user of users) present.push(...(await entriesOf(connection, user)));
  const { missing, surplus } = aclChanges(aclEntries(rules), present);
  for (const acl of pages(missing)) await patiently('rules', () => administer('allow', (broker) => broker.createAcls({ acl })));
  for (const filters of pages(surplus)) await patiently('rules', () => administer('withdraw', (broker) => broker.deleteAcls({ filters })));
  return { passwords: passwords.size, allowed: missing.length, withdrawn: surplus.length };
}

async function entriesOf(connection: KafkaConnection, user: string): Promise<readonly AclEntry[]> {
  const filter = {
    resourceType: ANY,
    resourceName: null,
    resourcePatternType: ANY,
    principal: principalOf(user),
    host: null,
    operation: ANY,
    permissionType: ANY,
  };
  const { resources } = await patiently('rules', () =>
    internalsOf(connection).administer('describe rules', (broker) => broker.describeAcls(filter)),
  );
  return resources.flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...resource, ...acl })));
}

function pages<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / ENTRIES_AT_ONCE) }, (_, page) =>
    all.slice(page * ENTRIES_AT_ONCE, (page + 1) * ENTRIES_AT_ONCE),
  );
}
