import { PAGE_SIZE } from '@tocsin/contracts';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { invalidArgument } from '@tocsin/errors';

/** Kinds of register as ids write them. */
const KINDS = new Map<RegisterKind, string>([
  [RegisterKind.GENERAL, 'general'],
  [RegisterKind.VULNERABLE, 'vulnerable'],
  [RegisterKind.PLP, 'plp'],
]);

/** "<tenant>:<kind>": names a register and begins every id in it. Throws INVALID_ARGUMENT for an unknown kind. */
export function registerScope(tenantId: string, kind: RegisterKind): string {
  const name = KINDS.get(kind);
  if (!name) throw invalidArgument([{ field: 'register', description: 'must be GENERAL, VULNERABLE or PLP' }]);
  return `${tenantId}:${name}`;
}

/** "<tenant>:<kind>:<page>". */
export function pageId(scope: string, page: number): string {
  return `${scope}:${page}`;
}

export function pageOf(place: number): number {
  return Math.floor(place / PAGE_SIZE);
}

export function slotOf(place: number): number {
  return place % PAGE_SIZE;
}

/** Pages a number of places needs. */
export function pagesOf(places: number): number {
  return Math.ceil(places / PAGE_SIZE);
}
