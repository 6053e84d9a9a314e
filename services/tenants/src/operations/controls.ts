import type { OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { TocsinError } from '@tocsin/errors';
import type { AggregateStore } from '@tocsin/mongo';
import { type ControlsState, type Deciding, inForce, liftControl, setControl } from './decide-control.js';

/** One set for the whole platform: its version orders every decision. */
const CONTROLS = 'platform';
const NONE: ControlsState = { controls: [] };

/** What operators have in force, as the one document that says so. */
export class Controls {
  constructor(private readonly store: AggregateStore<ControlsState>) {}

  async set(deciding: Deciding & { readonly ratePerSecond: number; readonly until: number }): Promise<OperatorControl> {
    const { state } = await this.decide((state, version) => setControl(state, version, deciding));
    const control = state.controls.at(-1);
    if (!control) throw new TocsinError('UNAVAILABLE', 'STORE_UNSETTLED', 'The control cannot be read yet; call again.');
    return control;
  }

  async lift(deciding: Deciding): Promise<OperatorControl> {
    let lifted: OperatorControl | undefined;
    await this.decide((state, version) => {
      const decision = liftControl(state, version, deciding);
      lifted = decision.lifted;
      return decision;
    });
    if (!lifted) throw new TocsinError('UNAVAILABLE', 'STORE_UNSETTLED', 'The control cannot be lifted yet; call again.');
    return lifted;
  }

  async inForce(now: number): Promise<readonly OperatorControl[]> {
    return inForce((await this.store.get(CONTROLS))?.state ?? NONE, now);
  }

  private async decide(decide: Parameters<AggregateStore<ControlsState>['update']>[1]): Promise<{ readonly state: ControlsState }> {
    const updated = await this.store.update(CONTROLS, decide);
    if (updated) return updated;
    // The first decision of a platform: an empty set is made, and decided on like any other.
    await this.store.create(CONTROLS, { state: NONE, events: [] });
    const decided = await this.store.update(CONTROLS, decide);
    if (!decided) throw new TocsinError('UNAVAILABLE', 'STORE_UNSETTLED', 'The controls cannot be read yet; call again.');
    return decided;
  }
}
