/** One acceptance as a stand-in wrote it down. */
export interface Acceptance {
  readonly deliveryId: string;
  readonly to: string;
  /** Unix ms. */
  readonly at: number;
}

/** Acceptances at or after a moment (Unix ms), in file order; a last line cut by a crash was never acknowledged and does not count. */
export function readLedger(text: string, since: number): readonly Acceptance[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines
    .flatMap((line, index) => {
      try {
        return [JSON.parse(line) as Acceptance];
      } catch (failure) {
        if (index === lines.length - 1) return [];
        throw failure;
      }
    })
    .filter(({ at }) => at >= since);
}
