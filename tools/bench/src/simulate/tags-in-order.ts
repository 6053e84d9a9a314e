/** Cost units by virtual tag: how many lie up to a tag. Kept sorted; some hundreds of entries at most, most of them added at the end. */
export class TagsInOrder {
  private readonly entries: { readonly tag: number; readonly cost: number }[] = [];

  add(tag: number, cost: number): void {
    this.entries.splice(this.placeAfter(tag), 0, { tag, cost });
  }

  /** One entry of that tag and cost. */
  remove(tag: number, cost: number): void {
    for (let place = this.placeAfter(tag) - 1; place >= 0 && this.entries[place]?.tag === tag; place--) {
      if (this.entries[place]?.cost !== cost) continue;
      this.entries.splice(place, 1);
      return;
    }
    throw new RangeError(`no entry with the tag ${tag} and the cost ${cost}`);
  }

  /** Units with this tag or a lower one. */
  upTo(tag: number): number {
    let units = 0;
    for (const entry of this.entries) {
      if (entry.tag > tag) break;
      units += entry.cost;
    }
    return units;
  }

  private placeAfter(tag: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.tag ?? Infinity) <= tag) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
