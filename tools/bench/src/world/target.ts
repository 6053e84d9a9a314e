/** One line of the table that a benchmark serves. */
export interface Target<Asked = number> {
  readonly measured: number;
  readonly target: Asked;
  readonly met: boolean;
}

/** Judged as measured, whatever is shown of it. */
export function atMost(measured: number, target: number, shown: (value: number) => number): Target {
  return { measured: shown(measured), target, met: measured <= target };
}

/** Judged as measured, whatever is shown of it. */
export function atLeast(measured: number, target: number, shown: (value: number) => number): Target {
  return { measured: shown(measured), target, met: measured >= target };
}
