import { describe, expect, it } from 'vitest';
import { Circuit } from './circuit.js';
import type { Verdict } from './verdict.js';

/** So many answers of a kind, `apart` ms from one another. */
function answers(circuit: Circuit, verdict: Verdict, count: number, from: number, apart = 1, certain = true): number {
  for (let at = 0; at < count; at++) circuit.answered(verdict, certain, from, from + at * apart);
  return from + count * apart;
}

describe('circuit', () => {
  it.each<[string, Verdict, number, boolean, string]>([
    ['ten refusals in a row open it', 'failed', 10, true, 'open'],
    ['nine do not', 'failed', 9, true, 'closed'],
    ['a full provider does not', 'neutral', 200, true, 'closed'],
    ['a text nobody will carry does not', 'doubtful', 200, true, 'closed'],
    ['slow answers do not', 'slow', 200, true, 'closed'],
    ['a window lost with its connection does not', 'failed', 80, false, 'closed'],
  ])('%s', (_says, verdict, count, certain, state) => {
    const circuit = new Circuit();
    answers(circuit, verdict, count, 0, 1, certain);
    expect(circuit.state).toBe(state);
  });

  it('opens on connections lost again and again', () => {
    const circuit = new Circuit();
    answers(circuit, 'failed', 10, 0, 150, false);
    expect(circuit.state).toBe('open');
  });

  it('does not open while anything is taken between', () => {
    const circuit = new Circuit();
    for (let round = 0; round < 50; round++) {
      answers(circuit, 'failed', 9, round * 10);
      circuit.answered('good', true, 0, round * 10 + 9);
    }
    expect([circuit.state, circuit.openings]).toEqual(['closed', 0]);
  });

  it.each([
    ['twice as long after each trial that fails, up to a minute, while others carry', false, [2, 4, 8, 16, 32, 60, 60, 60]],
    ['3 s at most where no other carries', true, [2, 3, 3, 3, 3, 3, 3, 3]],
  ])('rests, is tried when its link answers, and rests %s', (_says, alone, expected) => {
    const circuit = new Circuit();
    let now = answers(circuit, 'failed', 10, 0);
    const rests: number[] = [];
    for (let trial = 0; trial < 8; trial++) {
      const opened = now;
      while (!circuit.due(now, alone)) now += 10;
      rests.push(Math.round((now - opened) / 1_000));
      circuit.tested(true, now);
      expect(circuit.state).toBe('trial');
      circuit.answered('failed', true, now, now);
      expect(circuit.state).toBe('open');
    }
    expect(rests).toEqual(expected);
    expect(circuit.openings).toBe(1);
  });

  it('rests on while the link does not answer', () => {
    const circuit = new Circuit();
    answers(circuit, 'failed', 10, 0);
    circuit.tested(false, 5_000);
    expect([circuit.state, circuit.due(8_000, false), circuit.due(9_001, false)]).toEqual(['open', false, true]);
  });

  it('closes with the first item taken, and starts anew', () => {
    const circuit = new Circuit();
    answers(circuit, 'failed', 10, 0);
    circuit.tested(true, 5_000);
    circuit.answered('good', true, 5_000, 5_010);
    expect(circuit.state).toBe('closed');
    answers(circuit, 'failed', 10, 6_000);
    expect([circuit.state, circuit.openings, circuit.due(8_100, false)]).toEqual(['open', 2, true]);
  });

  it('hears nothing on trial from what was submitted before', () => {
    const circuit = new Circuit();
    answers(circuit, 'failed', 10, 0);
    circuit.tested(true, 5_000);
    circuit.answered('failed', true, 4_999, 5_100);
    expect(circuit.state).toBe('trial');
    circuit.answered('failed', true, 5_000, 5_100);
    expect(circuit.state).toBe('open');
  });

  it('is closed by a test message that was taken', () => {
    const circuit = new Circuit();
    answers(circuit, 'failed', 10, 0);
    circuit.proven();
    expect(circuit.state).toBe('closed');
  });
});
