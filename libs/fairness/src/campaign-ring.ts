/** A tenant's backlogged campaigns in their turn. Passing the turn on costs nothing and allocates nothing; joining and leaving cost O(campaigns). */
export class CampaignRing {
  private readonly known: Set<string>;
  private readonly circle: string[];
  /** Whose turn it is. */
  private turn = 0;
  /** The same by name, and how many there are: a turn of a sole campaign then reads this object and nothing behind it. */
  private head: string | undefined;
  private count = 0;

  /** `campaigns`: in their turn, none twice. */
  constructor(campaigns: Iterable<string> = []) {
    this.known = new Set(campaigns);
    this.circle = [...this.known];
    this.settle();
  }

  get size(): number {
    return this.count;
  }

  first(): string | undefined {
    return this.head;
  }

  /** Joins behind everybody; who is in keeps its place. */
  add(campaign: string): void {
    if (this.known.has(campaign)) return;
    this.known.add(campaign);
    if (this.turn === 0) this.circle.push(campaign);
    else this.circle.splice(this.turn++, 0, campaign);
    this.settle();
  }

  /** Answers whether it was in. */
  delete(campaign: string): boolean {
    if (!this.known.delete(campaign)) return false;
    const place = this.circle.indexOf(campaign);
    this.circle.splice(place, 1);
    if (place < this.turn) this.turn--;
    if (this.turn === this.circle.length) this.turn = 0;
    this.settle();
    return true;
  }

  /** The campaign had its turn: everybody else comes before its next one. */
  passOn(campaign: string): void {
    if (this.count < 2) return;
    if (this.head === campaign) {
      this.turn = (this.turn + 1) % this.count;
      this.head = this.circle[this.turn];
    } else if (this.delete(campaign)) this.add(campaign);
  }

  /** In their turn. */
  inTurn(): string[] {
    return [...this.circle.slice(this.turn), ...this.circle.slice(0, this.turn)];
  }

  private settle(): void {
    this.count = this.circle.length;
    this.head = this.circle[this.turn];
  }
}
