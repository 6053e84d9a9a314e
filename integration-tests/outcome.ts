import { accounted, jsonOf, type Municipality, type TallyView } from './municipality.js';
import type { RunningStack } from './stack.js';

/** ms between two looks at a campaign. */
const LOOK_EVERY_MS = 2_000;
const FINISHED_DEADLINE_MS = 300_000;

/** What a send came to by Tocsin's own tally and by the stand-in's ledger, the oracle. */
export interface Outcome {
  readonly tally: TallyView;
  /** Recipients minus the sum of their states: 0 when the accounting is exact. */
  readonly unaccounted: number;
  /** Different numbers that the SMS stand-in accepted. */
  readonly reached: number;
  /** Deliveries it accepted more than once. */
  readonly twice: readonly string[];
  /** Of those, the ones that Tocsin does not say may be duplicates. */
  readonly unmarked: readonly string[];
}

/** Waits until the campaign is finished and joins its tally with the SMS stand-in's ledger. */
export async function outcomeOf(stack: RunningStack, town: Municipality, id: string): Promise<Outcome> {
  const tally = await untilFinished(stack, town, id);
  const lines = stack.ledger('sms').filter((line) => line.deliveryId.startsWith(id));
  const twice = lines.map((line) => line.deliveryId).filter((deliveryId, at, every) => every.indexOf(deliveryId) !== at);
  const marked = twice.length === 0 ? new Set<string>() : new Set(await markedDuplicates(stack, town, id));
  return {
    tally,
    unaccounted: tally.recipients - accounted(tally),
    reached: new Set(lines.map((line) => line.to)).size,
    twice,
    unmarked: twice.filter((deliveryId) => !marked.has(deliveryId)),
  };
}

/** The tally of a campaign once it is finished; a service that is away meanwhile is asked again. */
export async function untilFinished(stack: RunningStack, town: Municipality, id: string): Promise<TallyView> {
  const end = Date.now() + FINISHED_DEADLINE_MS;
  for (;;) {
    const shown = await stack.cli(['campaign', 'show', id, '--json'], town.author);
    const campaign = shown.code === 0 ? (jsonOf(shown)['campaign'] as { state: string; tally: TallyView }) : undefined;
    if (campaign?.state === 'finished') return campaign.tally;
    if (Date.now() > end) throw new Error(`not finished: ${JSON.stringify(campaign?.tally)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Deliveries that Tocsin itself says may have been handed over twice. */
export async function markedDuplicates(stack: RunningStack, town: Municipality, id: string): Promise<string[]> {
  const reached = await stack.cli(['campaign', 'report', id, '--reached', '--json'], town.author);
  return reached.stdout
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { deliveries: { deliveryId: string; possibleDuplicate: boolean }[] }).deliveries)
    .filter((row) => row.possibleDuplicate)
    .map((row) => row.deliveryId);
}

/** SMS the stand-in has accepted of a campaign so far. */
export function accepted(stack: RunningStack, id: string): number {
  return stack.ledger('sms').filter((line) => line.deliveryId.startsWith(id)).length;
}

/** Sets the SMS a second the stand-in takes. */
export async function slowTo(stack: RunningStack, rate: number): Promise<void> {
  await fetch(`${stack.http(41)}/knobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rate }),
  });
}
