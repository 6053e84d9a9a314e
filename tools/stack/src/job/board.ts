import type { Tally } from '@tocsin/contracts/campaigns/v1/campaign';

/** A line every ten seconds where nobody watches a screen. */
const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 500;
const BAR_WIDTH = 30;
/** Municipalities under way that fit on a small screen. */
const SHOWN = 16;

export interface BoardRow {
  readonly name: string;
  readonly expected: number;
  tally: Tally | undefined;
  releasedAt: number;
  finishedAt: number;
}

export interface Board {
  stop(): void;
}

/** Progress of every campaign: redrawn in place on a terminal, plain lines elsewhere. */
export function startBoard(rows: readonly BoardRow[], out: NodeJS.WriteStream): Board {
  const started = Date.now();
  let drawn = 0;
  const redraw = (): void => {
    const lines = boardLines(rows, Date.now() - started);
    const up = drawn === 0 ? '' : `\x1b[${drawn}A`;
    out.write(`${up}${lines.map((line) => `\x1b[2K${line}`).join('\n')}\n\x1b[0J`);
    drawn = lines.length;
  };
  const line = (): void => void out.write(`${summary(rows, Date.now() - started)}\n`);
  const timer = out.isTTY ? setInterval(redraw, REDRAW_EVERY_MS) : setInterval(line, LINE_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      if (out.isTTY) redraw();
      else line();
    },
  };
}

export function boardLines(rows: readonly BoardRow[], elapsedMs: number): readonly string[] {
  const underWay = rows.filter(({ releasedAt, finishedAt }) => releasedAt > 0 && finishedAt === 0);
  return [
    summary(rows, elapsedMs),
    ...underWay.slice(0, SHOWN).map(progress),
    ...(underWay.length > SHOWN ? [`... and ${underWay.length - SHOWN} more`] : []),
  ];
}

function summary(rows: readonly BoardRow[], elapsedMs: number): string {
  const released = rows.filter(({ releasedAt }) => releasedAt > 0).length;
  const finished = rows.filter(({ finishedAt }) => finishedAt > 0).length;
  const handedOver = sum(rows, ({ tally }) => tally?.channels.reduce((total, channel) => total + channel.handedOver, 0) ?? 0);
  const terminal = sum(rows, ({ tally }) => tally?.terminal ?? 0);
  const expected = sum(rows, (row) => row.expected);
  const rate = elapsedMs === 0 ? 0 : Math.round(handedOver / (elapsedMs / 1_000));
  return `${Math.round(elapsedMs / 1_000)} s: ${released} of ${rows.length} released, ${finished} finished, ${terminal} of ${expected} recipients terminal, ${handedOver} handed over (${rate}/s)`;
}

function progress({ name, expected, tally }: BoardRow): string {
  const terminal = tally?.terminal ?? 0;
  const handed = tally?.channels.map((channel) => `${channel.channel} ${channel.handedOver}/${channel.deliveries}`).join('  ') ?? '';
  const filled = Math.round((BAR_WIDTH * terminal) / Math.max(1, expected));
  return `${name.slice(0, 26).padEnd(26)} ${'#'.repeat(filled).padEnd(BAR_WIDTH, '.')} ${String(terminal).padStart(6)}/${expected}  ${handed}`;
}

function sum<T>(rows: readonly T[], figure: (row: T) => number): number {
  return rows.reduce((total, row) => total + figure(row), 0);
}
