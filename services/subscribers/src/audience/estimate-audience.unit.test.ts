import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '@tocsin/contracts';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { EstimateAudienceRequest } from '@tocsin/contracts/subscribers/v1/audience';
import { createObservability } from '@tocsin/observability';
import { LANES } from '../turns/lanes.js';
import { estimateAudience } from './estimate-audience.js';

const PAGES = 400;

const request = EstimateAudienceRequest.fromPartial({
  tenantId: 'city',
  audience: { register: RegisterKind.GENERAL, everyone: true },
  channels: [{ channel: 'sms' }],
});

/** A register of empty pages; `read` is told of each that is read. */
function register(signal: AbortSignal, read: (pages: number) => void): Parameters<typeof estimateAudience>[1] {
  let pages = 0;
  return {
    heads: { get: () => Promise.resolve({ _id: 'city:general', v: 1, places: PAGES * PAGE_SIZE }) },
    pages: {
      fetch: (_scope: string, number: number) => {
        read(++pages);
        return Promise.resolve(() => ({ number, version: 1, contacts: [], erasures: [] }));
      },
    },
    suppressions: { of: () => Promise.resolve({ has: () => false }) },
    sealer: {},
    lane: LANES.person,
    signal,
    ...createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' }),
  } as unknown as Parameters<typeof estimateAudience>[1];
}

describe('counting an audience', () => {
  it('reads every page for who waits for the answer', async () => {
    let read = 0;
    const parts = register(new AbortController().signal, (pages) => (read = pages));
    await expect(estimateAudience(request, parts, 'prn')).resolves.toMatchObject({ recipients: 0 });
    expect(read).toBe(PAGES);
  });

  it('stops when nobody waits any more: a preview given up must not read on beside the next one', async () => {
    const caller = new AbortController();
    let read = 0;
    const parts = register(caller.signal, (pages) => {
      read = pages;
      if (pages === 10) caller.abort();
    });
    await expect(estimateAudience(request, parts, 'prn')).rejects.toMatchObject({ name: 'AbortError' });
    expect(read).toBeLessThan(20);
  });
});
