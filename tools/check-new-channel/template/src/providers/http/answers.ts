import type { SubmitAnswer } from '@tocsin/channel-kit';

/** What the provider's HTTP status means. A status not in the table is unknown: the attempt fails as such and is counted, never taken for success. */
const BY_STATUS: Readonly<Record<number, (code: string) => SubmitAnswer>> = {
  202: (code) => ({ kind: 'accepted', providerIds: [], code }),
  404: (code) => ({ kind: 'failed', reason: 'ADDRESS_UNKNOWN', code }),
  422: (code) => ({ kind: 'failed', reason: 'CONTENT_REFUSED', code }),
  429: (code) => ({ kind: 'throttled', code }),
  503: (code) => ({ kind: 'not-submitted', code }),
};

export function answerOf(status: number): SubmitAnswer {
  const code = String(status);
  return BY_STATUS[status]?.(code) ?? { kind: 'failed', reason: 'UNKNOWN_ANSWER', code };
}
