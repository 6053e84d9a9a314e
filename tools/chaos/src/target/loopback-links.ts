import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LinkControl } from './target.js';

const RULE_DEADLINE_MS = 10_000;
/** Part of the packets that a slow link loses: each exchange waits 0.2 s and more for what is sent again. */
const LOSS = { from: 0.05, to: 0.3 } as const;

const run = promisify(execFile);

/** Drops packets to and from single TCP ports of this network; only in a room of one's own. */
export class LoopbackLinks implements LinkControl {
  readonly #rules = new Map<string, string[][]>();

  constructor(private readonly ports: Readonly<Record<string, number>>) {}

  cut(link: string): Promise<void> {
    return this.#drop(link, []);
  }

  slow(link: string, strength: number): Promise<void> {
    const loss = LOSS.from + (LOSS.to - LOSS.from) * strength;
    return this.#drop(link, ['-m', 'statistic', '--mode', 'random', '--probability', loss.toFixed(3)]);
  }

  async heal(link: string): Promise<void> {
    const rules = this.#rules.get(link) ?? [];
    this.#rules.delete(link);
    for (const rule of rules) await iptables(['-D', ...rule]);
  }

  async healAll(): Promise<void> {
    for (const link of this.#rules.keys()) await this.heal(link);
  }

  async #drop(link: string, chance: readonly string[]): Promise<void> {
    const port = this.ports[link];
    if (port === undefined) throw new Error(`there is no link "${link}"`);
    const rules = ['--dport', '--sport'].map((side) => ['INPUT', '-p', 'tcp', side, String(port), ...chance, '-j', 'DROP']);
    this.#rules.set(link, [...(this.#rules.get(link) ?? []), ...rules]);
    for (const rule of rules) await iptables(['-I', ...rule]);
  }
}

async function iptables(args: readonly string[]): Promise<void> {
  await run('iptables', ['-w', ...args], { timeout: RULE_DEADLINE_MS });
}
