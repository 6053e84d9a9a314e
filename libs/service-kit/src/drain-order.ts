import type { Logger } from '@tocsin/observability';
import type { Drain, DrainStage } from './service.js';

/** Stages in their order with the most each may take, ms; together they stay below the 15 s a supervisor waits before it kills. */
const STAGES: readonly { readonly stage: DrainStage; readonly budget: number }[] = [
  { stage: 'stop-intake', budget: 2_000 },
  { stage: 'finish', budget: 6_000 },
  { stage: 'commit', budget: 4_000 },
  { stage: 'close', budget: 2_500 },
];

/** ms a whole drain takes at most. */
export const DRAIN_DEADLINE = 14_500;

interface Step {
  readonly name: string;
  run(deadlineMs: number): Promise<void>;
}

/** The steps of a drain by stage; those of one stage run side by side, and a late or failing step never holds the next stage. */
export class DrainOrder implements Drain {
  readonly #steps = new Map<DrainStage, Step[]>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on(stage: DrainStage, name: string, run: (deadlineMs: number) => Promise<void>): void {
    const steps = this.#steps.get(stage) ?? [];
    steps.push({ name, run });
    this.#steps.set(stage, steps);
  }

  /** Runs all stages within `totalMs`; answers the names of the steps that failed or were late. */
  async run(totalMs: number): Promise<readonly string[]> {
    const end = performance.now() + totalMs;
    const failed: string[] = [];
    for (const { stage, budget } of STAGES) {
      const deadline = Math.max(0, Math.min(budget, end - performance.now()));
      const steps = this.#steps.get(stage) ?? [];
      const outcomes = await Promise.all(steps.map((step) => this.#step(stage, step, deadline)));
      failed.push(...outcomes.filter((name) => name !== undefined));
    }
    return failed;
  }

  async #step(stage: DrainStage, step: Step, deadline: number): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadline);
    });
    try {
      const outcome = await Promise.race([Promise.resolve().then(() => step.run(deadline)), late]);
      if (outcome !== 'late') return undefined;
      this.#logger.warn('drain.step.late', { stage, step: step.name, deadline });
    } catch (error) {
      this.#logger.error('drain.step.failed', { stage, step: step.name, error });
    } finally {
      clearTimeout(timer);
    }
    return step.name;
  }
}
