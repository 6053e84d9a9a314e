import { describe, expect, it } from 'vitest';
import * as broken from './broken-lanes.fixture.test.js';
import { FairLanes } from './fair-lanes.js';
import * as fair from './fair-properties.fixture.test.js';

interface Row {
  readonly promise: string;
  readonly holds: (Lanes: fair.MakeLanes) => void;
  /** Copies that break it: the property must notice each. */
  readonly breaks: readonly fair.MakeLanes[];
}

const ROWS: readonly Row[] = [
  {
    promise: 'two backlogged tenants are never more than one maximal cost each apart, whoever comes and goes',
    holds: fair.leadIsBounded,
    breaks: [broken.CountsItems, broken.IgnoresWeights],
  },
  { promise: 'nobody starves beside tenants that go idle and come back', holds: fair.nobodyStarves, breaks: [broken.ForgetsOnIdle] },
  { promise: 'there is a turn while an admitted lane has work', holds: fair.worksWhileThereIsWork, breaks: [broken.StopsAtTheFirstLane] },
  {
    promise: 'weights 1 : 2 : 5 are honoured within 3 % over 10 s at 500/s',
    holds: fair.weightsAreHonoured,
    breaks: [broken.IgnoresWeights, broken.FavoursTheFirst],
  },
  { promise: 'ids do not matter', holds: fair.idsDoNotMatter, breaks: [broken.LooksAtIds] },
  { promise: 'the order of arrival does not matter', holds: fair.arrivalOrderDoesNotMatter, breaks: [broken.FavoursTheFirst] },
  {
    promise: 'a tenant that was idle is ahead of the granted window and shares from then on',
    holds: fair.newcomersShareFromNowOn,
    breaks: [broken.ServedWhenGranted, broken.NeverServed],
  },
  { promise: 'campaigns of a tenant take turns', holds: fair.campaignsTakeTurns, breaks: [broken.KeepsTheTurn] },
  { promise: 'calls are charged what they took', holds: fair.callsAreChargedTruly, breaks: [broken.NeverCorrects] },
  {
    promise: 'a floor gives a lane its part and no more',
    holds: fair.floorsHold,
    breaks: [broken.WithoutFloors, broken.DoubleFloors, broken.CountsItems],
  },
];

describe('what fair lanes promise', () => {
  it.each(ROWS)('$promise', ({ holds }) => {
    expect(() => holds(FairLanes)).not.toThrow();
  });
});

describe('a broken scheduler is noticed', () => {
  const copies = ROWS.flatMap(({ promise, holds, breaks }) => breaks.map((Lanes) => ({ promise, holds, Lanes, name: Lanes.name })));
  it.each(copies)('$name breaks: $promise', ({ holds, Lanes }) => {
    expect(() => holds(Lanes)).toThrow(/Property failed after/);
  });
});
