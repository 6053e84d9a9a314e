import { type DayLists, type Documents, type Guarded, type MongoConnection, openDayLists } from '@tocsin/mongo';
import { sliceKey } from '@tocsin/contracts';
import type { ReasonCount } from '@tocsin/contracts/common/v1/common';
import type { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import { decodeRelease, frameOf, type Release } from './frame.js';
import { sealKeyOf, type SliceDocument } from './slice-document.js';

/** What the planner knows of a released campaign. */
export interface PlanDocument extends Guarded {
  /** Encoded CampaignReleased, frozen. */
  readonly release: Buffer;
  /** Slices published and acknowledged; a restart publishes again from here. */
  readonly acked: number;
  /** Set when the expansion went above what was approved: waits for a person. */
  readonly halted: boolean;
  /** A person resumed it after a halt, or stopped it: then nothing is granted, and everybody is named all the same. */
  readonly expansionAccepted: boolean;
  /** Decided once, before it is published. */
  readonly closed: { readonly slices: number; readonly recipients: number; readonly notReachable: readonly ReasonCount[] } | null;
  /** Its slices, with all that is sealed in them, were removed: nothing of it can be granted or planned again. Not set = no. */
  readonly trimmed?: boolean;
}

/** Names a plan that is not finished, so that a start finds it without a scan. */
export interface OpenPlan extends Guarded {
  readonly lane: number;
  /** Not set by earlier releases of Tocsin. */
  readonly tenantId?: string;
  readonly weight?: number;
}

/** Writes of one plan that lose their guard this often in a row are a defect. */
const MAX_UPDATES = 20;

/** Plans, their open markers and their slices. */
export class PlanStore {
  private constructor(
    private readonly plans: Documents<PlanDocument>,
    private readonly open: Documents<OpenPlan>,
    readonly slices: Documents<SliceDocument>,
    /** What retention has to do with finished campaigns, by day; see retention/. */
    readonly finished: DayLists,
  ) {}

  static async in(mongo: MongoConnection): Promise<PlanStore> {
    return new PlanStore(
      await mongo.documents<PlanDocument>('plans'),
      await mongo.documents<OpenPlan>('plans_open'),
      await mongo.documents<SliceDocument>('slices'),
      await openDayLists(mongo, 'finished'),
    );
  }

  /**
   * Takes a release up: its plan and its open marker, side by side, for the release is delivered again unless both are there. The plan as written;
   * null: it was taken up before.
   */
  async takeUp(
    { campaignId, ...open }: { readonly campaignId: string; readonly tenantId: string; readonly lane: number; readonly weight: number },
    release: Buffer,
  ): Promise<PlanDocument | null> {
    const plan = { _id: campaignId, v: 1, release, acked: 0, halted: false, expansionAccepted: false, closed: null };
    const [, fresh] = await Promise.all([this.open.insert({ _id: campaignId, v: 1, ...open }), this.plans.insert(plan)]);
    return fresh ? plan : null;
  }

  get(campaignId: string): Promise<PlanDocument | null> {
    return this.plans.get(campaignId);
  }

  openPlans(): Promise<readonly OpenPlan[]> {
    return this.open.all();
  }

  /** Changes a plan; `change` answers null to leave it. The plan as it stands then, null when there is none. */
  async update(campaignId: string, change: (plan: PlanDocument) => Partial<PlanDocument> | null): Promise<PlanDocument | null> {
    for (let attempt = 0; attempt < MAX_UPDATES; attempt++) {
      const plan = await this.plans.get(campaignId);
      if (!plan) return null;
      const changes = change(plan);
      if (!changes) return plan;
      const next = { ...plan, ...changes };
      if (await this.plans.replace(next)) return { ...next, v: plan.v + 1 };
    }
    throw new Error(`plan ${campaignId} lost its guard ${MAX_UPDATES} times`);
  }

  async finish(campaignId: string): Promise<void> {
    await this.open.remove(campaignId);
  }

  /** For good: a release that comes once more would be planned anew, so only when none can. */
  async forget(campaignId: string): Promise<void> {
    await this.plans.remove(campaignId);
  }

  slice(campaignId: string, slice: number): Promise<SliceDocument | null> {
    return this.slices.get(sliceKey(campaignId, slice));
  }

  async release(campaignId: string): Promise<Release | undefined> {
    const plan = await this.plans.get(campaignId);
    return plan ? decodeRelease(plan.release) : undefined;
  }

  /** The frame of a campaign on a channel, for a scheduler that no longer has it; undefined when nothing of it was planned. */
  async frame(campaignId: string, channel: string): Promise<CampaignFrame | undefined> {
    const [release, first] = await Promise.all([this.release(campaignId), this.slice(campaignId, 0)]);
    return release && first ? frameOf(release, channel, sealKeyOf(first)) : undefined;
  }
}
