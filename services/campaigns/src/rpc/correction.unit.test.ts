import { errorOf } from '@tocsin/testing';
import { expect, it } from 'vitest';
import { estimateCorrection } from './correction.js';
import type { ServiceParts } from './service-parts.js';

it('a correction waits until no process of the release before plans any more: its planner would look for an audience', async () => {
  const parts: Partial<ServiceParts> = { lastReleaseBeside: true };
  const error = await errorOf(estimateCorrection(parts as ServiceParts, 'ten_1', 'cmp_1', []));
  expect([error.code, error.reason]).toEqual(['FAILED_PRECONDITION', 'LAST_RELEASE_BESIDE']);
});
