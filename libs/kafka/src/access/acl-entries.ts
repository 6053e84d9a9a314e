import type { AccessOperation, AccessRule } from '@tocsin/contracts';

/** One access control entry as Kafka's protocol numbers it. */
export interface AclEntry {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

const RESOURCES: Readonly<Record<AccessRule['resource'], number>> = { topic: 2, group: 3 };
const OPERATIONS: Readonly<Record<AccessOperation, number>> = { read: 3, write: 4, create: 5, describe: 8 };
const LITERAL = 3;
const ALLOW = 3;

export function principalOf(user: string): string {
  return `User:${user}`;
}

/** The entries of these rules, from any host. */
export function aclEntries(rules: readonly AccessRule[]): readonly AclEntry[] {
  return rules.flatMap(({ user, resource, name, operations }) =>
    operations.map((operation) => ({
      resourceType: RESOURCES[resource],
      resourceName: name,
      resourcePatternType: LITERAL,
      principal: principalOf(user),
      host: '*',
      operation: OPERATIONS[operation],
      permissionType: ALLOW,
    })),
  );
}

/** What is missing of the wanted ones, and what is there beyond them. */
export function aclChanges(
  wanted: readonly AclEntry[],
  present: readonly AclEntry[],
): { readonly missing: readonly AclEntry[]; readonly surplus: readonly AclEntry[] } {
  const there = new Set(present.map(keyOf));
  const right = new Set(wanted.map(keyOf));
  return { missing: wanted.filter((entry) => !there.has(keyOf(entry))), surplus: present.filter((entry) => !right.has(keyOf(entry))) };
}

function keyOf(entry: AclEntry): string {
  const { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType } = entry;
  return JSON.stringify([resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType]);
}
