import type { Knobs } from './turn-knobs.js';

interface KnobTurn {
  readonly during: Knobs;
  readonly after: Knobs;
}

/** Receipts take this long when nothing is wrong, ms. */
const USUAL_RECEIPTS = { receiptMinMs: 200, receiptMaxMs: 3_000 };

/** What a kind of fault turns at a provider's stand-in, and what sets it right; `strength` in [0, 1). */
export function knobsOf(kind: string, channel: string, rate: number, strength: number): KnobTurn {
  switch (kind) {
    case 'provider-down':
      return { during: { down: true }, after: { down: false } };
    case 'provider-slow':
      return { during: { slowMs: Math.round(500 + strength * 4_000) }, after: { slowMs: 0 } };
    case 'provider-throttling':
      return { during: { rate: Math.max(1, Math.round(rate * (0.05 + strength * 0.4))) }, after: { rate } };
    case 'provider-nonsense':
      return channel === 'sms'
        ? { during: { nonsenseRate: 0.1 + strength * 0.9 }, after: { nonsenseRate: 0 } }
        : { during: { nonsense: true }, after: { nonsense: false } };
    case 'provider-mute':
      return { during: { mute: true }, after: { mute: false } };
    case 'receipts-duplicated':
      return { during: { duplicateReceipts: 0.5 + strength / 2 }, after: { duplicateReceipts: 0 } };
    case 'receipts-late':
      return { during: { receiptMinMs: 12_000, receiptMaxMs: 30_000 }, after: USUAL_RECEIPTS };
    case 'receipts-reordered':
      return { during: { receiptMinMs: 0, receiptMaxMs: 15_000 }, after: USUAL_RECEIPTS };
    case 'receipts-dropped':
      return { during: { dropReceipts: 0.2 + strength * 0.8 }, after: { dropReceipts: 0 } };
    case 'receipts-early':
      return { during: { earlyReceipts: true }, after: { earlyReceipts: false } };
    default:
      throw new Error(`No provider does "${kind}".`);
  }
}
