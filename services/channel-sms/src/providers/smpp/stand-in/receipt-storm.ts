import type { Pdu, Session } from './smpp-types.js';
import { gatherWrites } from './gather-writes.js';

/** deliver_sm of a storm without an answer on one bind, at most: what an operator lets be under way to a client that keeps up. */
const WINDOW_PER_BIND = 200;

type Parameters = Readonly<Record<string, unknown>>;

/** Receipts kept back, and let loose all together: each several times, in no order, as fast as the binds answer. */
export class ReceiptStorm {
  readonly counts = { held: 0, heldFailed: 0, stormSent: 0, stormTaken: 0 };
  #held: Parameters[] = [];
  #queue: Parameters[] = [];
  readonly #underWay = new Map<Session, number>();

  constructor(private readonly binds: ReadonlySet<Session>) {}

  hold(parameters: Parameters, delivered: boolean): void {
    this.#held.push(parameters);
    this.counts.held += 1;
    if (!delivered) this.counts.heldFailed += 1;
  }

  /** Lets so many of those held loose, the oldest first, each so many times. */
  release(count: number, copies: number): number {
    const loose = this.#held.splice(0, count);
    const storm = loose.flatMap((one) => Array.from({ length: copies }, () => one));
    for (let last = storm.length - 1; last > 0; last--) {
      const other = Math.floor(Math.random() * (last + 1));
      [storm[last], storm[other]] = [storm[other] as Parameters, storm[last] as Parameters];
    }
    this.#queue = this.#queue.concat(storm);
    this.counts.stormSent += storm.length;
    this.#pump();
    return storm.length;
  }

  /** A bind that ends or refuses gives back what it had. */
  #pump(): void {
    for (const bind of this.binds) {
      while ((this.#underWay.get(bind) ?? 0) < WINDOW_PER_BIND) {
        const parameters = this.#queue.pop();
        if (!parameters) return;
        this.#underWay.set(bind, (this.#underWay.get(bind) ?? 0) + 1);
        gatherWrites(bind.socket);
        const sent = bind.deliver_sm(parameters, (answer: Pdu) => {
          this.#underWay.set(bind, (this.#underWay.get(bind) ?? 1) - 1);
          if (answer.command_status === 0) this.counts.stormTaken += 1;
          else this.#queue.unshift(parameters);
          this.#pump();
        });
        if (sent) continue;
        this.#queue.unshift(parameters);
        break;
      }
    }
  }
}
