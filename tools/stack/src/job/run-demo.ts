import type { StackOptions } from '../options.js';
import type { Supervisor } from '../stack/supervisor.js';

export interface DemoOptions {
  readonly options: StackOptions;
  readonly supervisor: Supervisor;
  say(line: string): void;
  print(line: string): void;
  readonly demoDir: string;
  /** Resolves when the stack is to end. */
  readonly ended: Promise<{ readonly code: number }>;
}

export async function runDemo(demo: DemoOptions): Promise<number> {
  return demo.ended.then(({ code }) => code);
}
