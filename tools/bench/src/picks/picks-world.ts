import { FairLanes } from '@tocsin/fairness';

/** standard, where the many are. */
const LANE = 2;
const LANES = 4;
const WEIGHTS = 5;
/** Segments of a message, 1 to this. */
const MAX_COST = 3;
/** Every third tenant has two campaigns. */
const SECOND_CAMPAIGN_EVERY = 3;

/** Tenants that never run dry, with ids as long as real ones: the steady state of a busy channel. */
export class PicksWorld {
  private readonly lanes = new FairLanes(LANES);

  constructor(readonly tenants: number) {
    for (let index = 0; index < tenants; index++) {
      const tenant = `ten_01J${String(index).padStart(23, '0')}`;
      this.lanes.addFlow(LANE, tenant, 1 + (index % WEIGHTS));
      this.lanes.setBacklogged(LANE, tenant, `cmp_01J${String(index).padStart(23, '0')}`, true);
      if (index % SECOND_CAMPAIGN_EVERY === 0) this.lanes.setBacklogged(LANE, tenant, `cmp_01K${String(index).padStart(23, '0')}`, true);
    }
  }

  /** Pick, take and served, as often as asked. */
  serve(picks: number): void {
    for (let count = 0; count < picks; count++) {
      const pick = this.lanes.pick();
      if (!pick) throw new Error('a lane with a backlog gave no turn');
      this.lanes.served(pick.lane, this.lanes.take(pick, 1 + (count % MAX_COST)));
    }
  }
}
