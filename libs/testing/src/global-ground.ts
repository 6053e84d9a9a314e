import { describeGround, startGround } from './ground.js';

/** Vitest global set-up: one ground for the whole run, found by every test file through TOCSIN_TEST_GROUND. */
export async function setup(): Promise<() => Promise<void>> {
  const ground = await startGround();
  process.env['TOCSIN_TEST_GROUND'] = describeGround(ground);
  return () => ground.stop();
}
