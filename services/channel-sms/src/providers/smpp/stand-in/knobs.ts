/** What POST /knobs may turn; probabilities from 0 to 1. */
export interface Knobs {
  /** Messages a second; more is answered ESME_RTHROTTLED. */
  rate: number;
  /** Part of submissions answered ESME_RINVDSTADR. */
  failRate: number;
  /** Part of submissions answered ESME_RMSGQFUL. */
  queueFullRate: number;
  /** Part of submissions answered ESME_RSYSERR. */
  errorRate: number;
  /** Part of submissions answered with a status no standard knows. */
  nonsenseRate: number;
  /** This part of long messages is answered ESME_RSUBMITFAIL; 0 = none. */
  busyPart: number;
  /** Part of accepted messages reported UNDELIV. */
  undeliverableRate: number;
  /** ms before each answer. */
  slowMs: number;
  /** Binds are closed and refused. */
  down: boolean;
  /** Submissions are taken into the ledger and never answered. */
  mute: boolean;
  /** Part of receipts that are never sent. */
  dropReceipts: number;
  /** Part of receipts that are sent twice. */
  duplicateReceipts: number;
  /** How often each receipt is sent; each copy takes a time of its own, so that they come shuffled. */
  receiptCopies: number;
  /** Receipts are kept back until POST /receipts lets them loose. */
  holdReceipts: boolean;
  /** One delivery_id (and part) is taken once: sent again it is answered with its first id, and not written down anew. */
  deduplicates: boolean;
  /** Receipts are sent before the answer to submit_sm. */
  earlyReceipts: boolean;
  /** ms a receipt takes at least and at most. */
  receiptMinMs: number;
  receiptMaxMs: number;
  /** How the text of receipts writes the id; "tlv" has it in the TLV as well. */
  receiptIds: 'tlv' | 'text' | 'decimal' | 'lower' | 'zeros';
}

export function defaultKnobs(rate: number): Knobs {
  return {
    rate,
    failRate: 0,
    queueFullRate: 0,
    errorRate: 0,
    nonsenseRate: 0,
    busyPart: 0,
    undeliverableRate: 0,
    slowMs: 0,
    down: false,
    mute: false,
    dropReceipts: 0,
    duplicateReceipts: 0,
    receiptCopies: 1,
    holdReceipts: false,
    deduplicates: false,
    earlyReceipts: false,
    receiptMinMs: 200,
    receiptMaxMs: 3_000,
    receiptIds: 'tlv',
  };
}

/** Sets the knobs named; answers the first name or type that is wrong. */
export function turn(knobs: Knobs, wanted: Readonly<Record<string, unknown>>): string | undefined {
  const known = knobs as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(wanted)) {
    if (!Object.hasOwn(known, name)) return `no knob "${name}"`;
    if (typeof value !== typeof known[name]) return `"${name}" must be a ${typeof known[name]}`;
  }
  Object.assign(known, wanted);
  return undefined;
}
