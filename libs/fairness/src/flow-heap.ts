/** What the heap orders: by key, then by arrival; it knows each member's place so that a changed key costs O(log n). */
export interface HeapMember {
  key: number;
  /** Grows with every arrival: equal keys leave in the order they came, never by id. */
  arrival: number;
  /** The heap's own number of a member while it is in, -1 = outside. */
  slot: number;
}

/** Children of a place: the keys of four lie side by side, and 5,000 tenants are 7 levels deep instead of 13. */
const CHILDREN = 4;
/** log2 of it. */
const PARENT_SHIFT = 2;
const FIRST_ROOM = 16;

/**
 * A min-heap that can find its members. Keys, arrivals, slots and places are flat arrays (120 KB for 5,000 members): ordering touches no
 * member, which would be a cache miss a level, and allocates nothing.
 */
export class FlowHeap<T extends HeapMember> {
  private count = 0;
  private readonly bySlot: (T | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  /** By place. */
  private keys = new Float64Array(FIRST_ROOM);
  private arrivals = new Float64Array(FIRST_ROOM);
  private slots = new Int32Array(FIRST_ROOM);
  /** By slot. */
  private places = new Int32Array(FIRST_ROOM);

  get size(): number {
    return this.count;
  }

  first(): T | undefined {
    return this.count === 0 ? undefined : this.bySlot[at(this.slots, 0)];
  }

  /** Adds a member, or restores its order after its key or arrival changed. */
  settle(member: T): void {
    const place = member.slot < 0 ? this.enter(member) : at(this.places, member.slot);
    this.order(place, member.key, member.arrival, member.slot);
  }

  remove(member: T): void {
    const { slot } = member;
    if (slot < 0) return;
    const hole = at(this.places, slot);
    this.bySlot[slot] = undefined;
    this.freeSlots.push(slot);
    member.slot = -1;
    const last = --this.count;
    if (hole !== last) this.order(hole, at(this.keys, last), at(this.arrivals, last), at(this.slots, last));
  }

  private enter(member: T): number {
    member.slot = this.freeSlots.pop() ?? this.bySlot.length;
    this.bySlot[member.slot] = member;
    if (this.count === this.keys.length) this.grow();
    return this.count++;
  }

  /** Puts (key, arrival, slot) where it belongs, starting at a place that may be overwritten. */
  private order(start: number, key: number, arrival: number, slot: number): void {
    const risen = this.up(start, key, arrival);
    this.put(risen === start ? this.down(start, key, arrival) : risen, key, arrival, slot);
  }

  /** Moves later parents down; answers where the hole ends up. */
  private up(start: number, key: number, arrival: number): number {
    let hole = start;
    while (hole > 0) {
      const parent = (hole - 1) >> PARENT_SHIFT;
      if (!this.later(parent, key, arrival)) break;
      this.move(parent, hole);
      hole = parent;
    }
    return hole;
  }

  /** Moves earlier children up; answers where the hole ends up. */
  private down(start: number, key: number, arrival: number): number {
    let hole = start;
    for (;;) {
      let child = hole * CHILDREN + 1;
      if (child >= this.count) return hole;
      const end = Math.min(child + CHILDREN, this.count);
      for (let other = child + 1; other < end; other++) {
        if (this.later(child, at(this.keys, other), at(this.arrivals, other))) child = other;
      }
      if (this.later(child, key, arrival)) return hole;
      this.move(child, hole);
      hole = child;
    }
  }

  /** Whether who is at the place comes after (key, arrival). */
  private later(place: number, key: number, arrival: number): boolean {
    const own = at(this.keys, place);
    return own > key || (own === key && at(this.arrivals, place) > arrival);
  }

  private move(from: number, to: number): void {
    this.put(to, at(this.keys, from), at(this.arrivals, from), at(this.slots, from));
  }

  private put(place: number, key: number, arrival: number, slot: number): void {
    this.keys[place] = key;
    this.arrivals[place] = arrival;
    this.slots[place] = slot;
    this.places[slot] = place;
  }

  private grow(): void {
    const room = this.keys.length * 2;
    this.keys = copyInto(new Float64Array(room), this.keys);
    this.arrivals = copyInto(new Float64Array(room), this.arrivals);
    this.slots = copyInto(new Int32Array(room), this.slots);
    this.places = copyInto(new Int32Array(room), this.places);
  }
}

/** A place that exists by construction; one outside would make NaN, which no order survives unnoticed. */
function at(values: Float64Array | Int32Array, place: number): number {
  return values[place] ?? NaN;
}

function copyInto<T extends Float64Array | Int32Array>(wider: T, values: T): T {
  wider.set(values);
  return wider;
}
