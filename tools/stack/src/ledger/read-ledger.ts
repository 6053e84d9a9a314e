/** One acceptance as a stand-in wrote it down. */
export interface Acceptance {
  readonly deliveryId: string;
  /** Part of a long message, from 1; absent where there are no parts. */
  readonly part?: number;
  readonly to: string;
  /** Unix ms. */
  readonly at: number;
}

/** Acceptances at or after a moment (Unix ms), in file order; a line that a crash of the stand-in cut was never acknowledged and does not count. */
export function readLedger(text: string, since: number): readonly Acceptance[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Acceptance];
      } catch {
        return [];
      }
    })
    .filter(({ at }) => at >= since);
}
