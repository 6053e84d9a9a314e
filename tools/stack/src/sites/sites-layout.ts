import { TocsinError } from '@tocsin/errors';
import { groundKind, type Ground, type GroundOptions } from '../stack/ground.js';
import type { Layout, Place } from '../stack/layout.js';
import type { Fabric } from './fabric.js';
import { fabricFault } from './fabric-commands.js';
import { Forwarder } from './forwarder.js';
import { LEADING_SITE, letLead } from './let-lead.js';
import { SITE_NAMES } from './links.js';
import { placeOf } from './place-of.js';
import { startSitesGround } from './sites-ground.js';

/** Every service once at each site, the store and the third copy at the witness, the stand-ins at the providers' place. */
export class SitesLayout implements Layout {
  readonly instances: readonly Place[];
  readonly providers: Place;
  readonly tools: Place;
  readonly hosts: readonly string[];
  readonly #forwarder = new Forwarder();

  constructor(
    readonly fabric: Fabric,
    readonly environment: NonNullable<Layout['environment']> = () => ({}),
  ) {
    this.instances = SITE_NAMES.map((site) => placeOf(fabric, site));
    this.providers = placeOf(fabric, 'provider');
    // Where every other place is reached by its wire; at the witness the store is not found at its outer address.
    this.tools = this.providers;
    this.hosts = Object.values(fabric.plan.places).map(({ host }) => host);
  }

  async startGround(options: GroundOptions): Promise<Ground> {
    const kind = groundKind(options.env);
    if (kind !== 'embedded') {
      throw new TocsinError(
        'INVALID_ARGUMENT',
        'GROUND_NOT_OURS',
        `Sites with networks of their own cut links of brokers and a store that they start: TOCSIN_GROUND=${kind} goes with npm run stack and TOCSIN_STACK_INSTANCES=2.`,
      );
    }
    const fault = await fabricFault();
    if (fault !== undefined) throw new TocsinError('FAILED_PRECONDITION', 'NO_NAMESPACES', fault);
    await this.fabric.up();
    return startSitesGround(options, this.fabric);
  }

  async reach(ports: readonly { readonly place: Place; readonly port: number }[]): Promise<void> {
    for (const { place, port } of ports) {
      const at = Object.values(this.fabric.plan.places).find(({ host }) => host === place.host);
      if (at !== undefined) await this.#forwarder.open(port, { host: at.outer, port });
    }
  }

  settle(admin: (args: readonly string[]) => Promise<void>): Promise<void> {
    return letLead(admin, LEADING_SITE);
  }

  async close(): Promise<void> {
    await this.#forwarder.close();
    // Where a start was refused for want of the tools there is nothing to remove, nor a way to.
    await this.fabric.down().catch(() => undefined);
  }
}
