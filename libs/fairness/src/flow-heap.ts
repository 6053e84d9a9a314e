/** What the heap orders: by key, then by arrival; it keeps each member's place so that a changed key costs O(log n). */
export interface HeapMember {
  key: number;
  /** Grows with every arrival: equal keys leave in the order they came, never by id. */
  arrival: number;
  /** Place in the heap, -1 = outside. */
  place: number;
}

/** A binary min-heap whose members know their place. */
export class FlowHeap<T extends HeapMember> {
  private readonly members: T[] = [];

  get size(): number {
    return this.members.length;
  }

  first(): T | undefined {
    return this.members[0];
  }

  /** Adds a member, or restores its order after its key or arrival changed. */
  settle(member: T): void {
    if (member.place < 0) {
      member.place = this.members.length;
      this.members.push(member);
    }
    this.up(member);
    this.down(member);
  }

  remove(member: T): void {
    if (member.place < 0) return;
    const last = this.members.pop();
    const hole = member.place;
    member.place = -1;
    if (!last || last === member) return;
    this.put(last, hole);
    this.up(last);
    this.down(last);
  }

  private up(member: T): void {
    while (member.place > 0) {
      const parentPlace = (member.place - 1) >> 1;
      const parent = this.members[parentPlace];
      if (!parent || !before(member, parent)) return;
      this.put(parent, member.place);
      this.put(member, parentPlace);
    }
  }

  private down(member: T): void {
    for (;;) {
      const left = this.members[member.place * 2 + 1];
      const right = this.members[member.place * 2 + 2];
      const child = right && left && before(right, left) ? right : left;
      if (!child || !before(child, member)) return;
      const hole = member.place;
      this.put(member, child.place);
      this.put(child, hole);
    }
  }

  private put(member: T, place: number): void {
    this.members[place] = member;
    member.place = place;
  }
}

function before(a: HeapMember, b: HeapMember): boolean {
  return a.key < b.key || (a.key === b.key && a.arrival < b.arrival);
}
