import { FabricCommands } from './fabric-commands.js';
import { LINK_ENDS, type LinkName, type PlaceName } from './links.js';
import { networkPlan, type NetworkPlan, type PlannedPlace } from './network-plan.js';

/** A place whose packets pass through a bucket that runs dry: kilobits a second, in both directions together. */
const NARROW_BURST = '32kb';
/** What waits longer than this in front of the bucket is dropped, as by a full queue. */
const NARROW_LATENCY = '400ms';

/**
 * The network of a stretched stack on one machine: a namespace for each place, joined by a bridge in one of its own. All addresses between
 * places are in 127/8, which no machine routes: nothing that runs there can reach anything but this machine, whatever it is told.
 */
export class Fabric {
  readonly plan: NetworkPlan;
  readonly #run: FabricCommands;
  readonly #cut = new Set<LinkName>();
  readonly #narrow = new Set<PlaceName>();

  constructor(firstPort: number, storePort: number) {
    this.plan = networkPlan(firstPort, storePort);
    this.#run = new FabricCommands();
  }

  place(name: PlaceName): PlannedPlace {
    return this.plan.places[name];
  }

  /** Makes it anew; what a killed start of the same ports left is removed first. */
  async up(): Promise<void> {
    await this.down();
    for (const command of this.plan.setUp) await this.#run.run(command);
  }

  /** Removes it with everything in it; without complaint when it is not there. */
  async down(): Promise<void> {
    const present = new Set(await this.#run.namespaces());
    for (const name of this.plan.namespaces.filter((one) => present.has(one))) await this.#run.run(['ip', 'netns', 'del', name]);
    // Goes with its namespace, a moment later.
    await this.#run.tryRun(['ip', 'link', 'del', this.plan.rootLink]);
    this.#cut.clear();
    this.#narrow.clear();
  }

  cutLinks(): readonly LinkName[] {
    return [...this.#cut];
  }

  /** Packets of this link vanish without a word from now on, those of standing connections included. */
  async cut(link: LinkName): Promise<void> {
    if (this.#cut.has(link)) return;
    this.#cut.add(link);
    for (const command of this.plan.filters(LINK_ENDS[link], '-I')) await this.#run.run(command);
  }

  async heal(link: LinkName): Promise<void> {
    if (!this.#cut.delete(link)) return;
    for (const command of this.plan.filters(LINK_ENDS[link], '-D')) await this.#run.run(command);
  }

  /** Lets through at most this many kilobits a second towards a place. */
  async narrow(place: PlaceName, kilobits: number): Promise<void> {
    await this.widen(place);
    this.#narrow.add(place);
    await this.#run.run([
      ...this.plan.inFabric,
      ...`tc qdisc add dev ${this.plan.places[place].port} root tbf`.split(' '),
      ...`rate ${kilobits}kbit burst ${NARROW_BURST} latency ${NARROW_LATENCY}`.split(' '),
    ]);
  }

  async widen(place: PlaceName): Promise<void> {
    if (!this.#narrow.delete(place)) return;
    await this.#run.run([...this.plan.inFabric, 'tc', 'qdisc', 'del', 'dev', this.plan.places[place].port, 'root']);
  }

  async healAll(): Promise<void> {
    for (const link of this.#cut) await this.heal(link);
    for (const place of this.#narrow) await this.widen(place);
  }
}
