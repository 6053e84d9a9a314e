import { ArrivalMeter, DrainMeter, type Drain, type LaneArrivals } from '@tocsin/fairness';
import { LANES } from '@tocsin/contracts';

/** What a channel's owner has seen lately of arrivals and of its provider; a new owner learns anew. */
export class LoadMeters {
  private readonly drainMeter = new DrainMeter();
  /** Begins with the first time it is told. */
  private arrivals: ArrivalMeter | undefined;

  /** Campaigns that began since this owner looks. */
  arrivalsSeen = 0;

  /** A campaign of so many units begins. */
  arrived(lane: number, units: number, now: number): void {
    this.arrivalsSeen++;
    this.arrivalsSince(now).arrived(lane, units, now);
  }

  /** A campaign was stopped with so many units left. */
  gaveUp(lane: number, units: number, now: number): void {
    this.arrivalsSince(now).gaveUp(lane, units, now);
  }

  handedOver(units: number, isAgain: boolean): void {
    this.drainMeter.handedOver(units, isAgain);
  }

  look(now: number, backlog: boolean): void {
    this.drainMeter.look(now, backlog);
  }

  drain(now: number): Drain {
    return this.drainMeter.lately(now);
  }

  arrivalsLately(now: number): readonly LaneArrivals[] {
    return this.arrivalsSince(now).lately(now);
  }

  private arrivalsSince(now: number): ArrivalMeter {
    return (this.arrivals ??= new ArrivalMeter(LANES.length, now));
  }
}
