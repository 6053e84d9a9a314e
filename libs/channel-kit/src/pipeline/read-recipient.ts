import { SealedRecipient } from '@tocsin/contracts/common/v1/common';

/** Tags of SealedRecipient and of an entry of its variables: fields 1 and 2, both with a length before them. */
const FIRST = 0x0a;
const SECOND = 0x12;
/** Lengths from here on take more than one octet. */
const LONG = 0x80;

/**
 * What SealedRecipient.decode answers, in a third of its time: one is read for every message, from a few dozen octets. Anything out of the ordinary (long
 * values, unknown fields, damage) is left to the codec.
 */
export function readRecipient(octets: Buffer): SealedRecipient {
  return readShort(octets) ?? SealedRecipient.decode(octets);
}

function readShort(octets: Buffer): SealedRecipient | undefined {
  const variables: Record<string, string> = {};
  let address = '';
  let at = 0;
  while (at < octets.length) {
    const tag = octets[at];
    const end = endOf(octets, at + 1, octets.length);
    if (end < 0) return undefined;
    if (tag === FIRST) address = octets.toString('utf8', at + 2, end);
    else if (tag !== SECOND || !readVariable(octets, at + 2, end, variables)) return undefined;
    at = end;
  }
  return { address, variables };
}

/** One entry as every writer writes it: the name, then the value. */
function readVariable(octets: Buffer, start: number, end: number, variables: Record<string, string>): boolean {
  const nameEnd = octets[start] === FIRST ? endOf(octets, start + 1, end) : -1;
  if (nameEnd < 0 || octets[nameEnd] !== SECOND || endOf(octets, nameEnd + 1, end) !== end) return false;
  variables[octets.toString('utf8', start + 2, nameEnd)] = octets.toString('utf8', nameEnd + 2, end);
  return true;
}

/** Where what follows a length of one octet at `at` ends; -1 where the length is longer, or ends beyond `limit`. */
function endOf(octets: Buffer, at: number, limit: number): number {
  const length = octets[at];
  if (at >= limit || length === undefined || length >= LONG) return -1;
  const end = at + 1 + length;
  return end > limit ? -1 : end;
}
