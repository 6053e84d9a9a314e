import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProviderLedger, unitOf } from './provider-ledger.js';

const line = (campaign: string, index: number, at: number): string =>
  `${JSON.stringify({ deliveryId: `${campaign}.0.${index}.sms`, part: 1, parts: 1, at, to: '+33790000001', providerId: 'x', channel: 'sms' })}\n`;

describe('a line of the ledger', () => {
  it('names its campaign and its moment', () => {
    expect(unitOf(line('cmp_A', 3, 17).trimEnd())).toEqual({ at: 17, campaignId: 'cmp_A', deliveryId: 'cmp_A.0.3.sms' });
  });

  it('is nothing when a crash cut it', () => {
    expect(unitOf(line('cmp_A', 3, 17).slice(0, -5))).toBeUndefined();
    expect(unitOf('')).toBeUndefined();
  });
});

describe('the ledger of a provider', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read as it grows, half a line included, each line once', () => {
    const file = join(folder, 'sms.jsonl');
    const ledger = new ProviderLedger(file);
    expect(ledger.units()).toEqual([]);
    const second = line('cmp_B', 1, 20);
    appendFileSync(file, line('cmp_A', 0, 10) + second.slice(0, 12));
    expect(ledger.units().map(({ at }) => at)).toEqual([10]);
    appendFileSync(file, second.slice(12) + line('cmp_A', 1, 30));
    expect(ledger.of('cmp_A').map(({ at }) => at)).toEqual([10, 30]);
    expect(ledger.units()).toHaveLength(3);
    ledger.forget();
    appendFileSync(file, line('cmp_A', 2, 40));
    expect(ledger.units().map(({ at }) => at)).toEqual([40]);
  });

  it('says when enough has been accepted, and when it has not within the deadline', async () => {
    const file = join(folder, 'sms.jsonl');
    const ledger = new ProviderLedger(file);
    appendFileSync(file, line('cmp_A', 0, 10));
    await expect(ledger.untilAccepted('cmp_A', 1, 1_000)).resolves.toBe(true);
    await expect(ledger.untilAccepted('cmp_A', 2, 60)).resolves.toBe(false);
  });
});
