/** A tenant's backlogged campaigns in their turn. Passing the turn on costs nothing and allocates nothing; joining and leaving cost O(campaigns). */
export class CampaignRing {
  private readonly known: Set<string>;
  private readonly circle: string[];
  /** Whose turn it is. */
  private turn = 0;

  /** `campaigns`: in their turn, none twice. */
  constructor(campaigns: Iterable<string> = []) {
    this.known = new Set(campaigns);
    this.circle = [...this.known];
  }

  get size(): number {
    return this.circle.length;
  }

  first(): string | undefined {
    return this.circle[this.turn];
  }

  /** Joins behind everybody; who is in keeps its place. */
  add(campaign: string): void {
    if (this.known.has(campaign)) return;
    this.known.add(campaign);
    if (this.turn === 0) this.circle.push(campaign);
    else this.circle.splice(this.turn++, 0, campaign);
  }

  /** Answers whether it was in. */
  delete(campaign: string): boolean {
    if (!this.known.delete(campaign)) return false;
    const place = this.circle.indexOf(campaign);
    this.circle.splice(place, 1);
    if (place < this.turn) this.turn--;
    if (this.turn === this.circle.length) this.turn = 0;
    return true;
  }

  /** The campaign had its turn: everybody else comes before its next one. */
  passOn(campaign: string): void {
    if (this.circle.length < 2) return;
    if (this.circle[this.turn] === campaign) this.turn = (this.turn + 1) % this.circle.length;
    else if (this.delete(campaign)) this.add(campaign);
  }

  /** In their turn. */
  inTurn(): string[] {
    return [...this.circle.slice(this.turn), ...this.circle.slice(0, this.turn)];
  }
}
