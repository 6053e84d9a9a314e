import { TocsinError } from '@tocsin/errors';

/** How far an audit had come, as a person keeps it outside of the platform: on paper, in a mail, in another house. */
export interface KeptAnchor {
  readonly scope: string;
  readonly seq: number;
  readonly hash: Buffer;
}

/** "<scope> <number of the last entry> <its hash in hex>". */
export function anchorLine({ scope, seq, hash }: KeptAnchor): string {
  return `${scope} ${seq} ${hash.toString('hex')}`;
}

/** Reads such lines; empty ones are passed over. Throws TocsinError INVALID_ARGUMENT naming the line. */
export function readAnchors(text: string): KeptAnchor[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    const [, scope, seq, hash] = /^\s*(\S{1,64}) (\d{1,12}) ([0-9a-f]{64})\s*$/.exec(line) ?? [];
    if (scope !== undefined && hash !== undefined) return [{ scope, seq: Number(seq), hash: Buffer.from(hash, 'hex') }];
    throw new TocsinError('INVALID_ARGUMENT', 'ANCHOR_MALFORMED', `Line ${at + 1} is not a head as "audit head" prints it.`);
  });
}
