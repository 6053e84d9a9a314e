/** A signal, the limit, or something broken ends a run before its figures are complete. */
export class EarlyEnd {
  /** Rejects; never resolves. */
  readonly ended: Promise<never>;
  #reject: (failure: Error) => void = () => undefined;

  constructor(limitMs: number) {
    this.ended = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.ended.catch(() => undefined);
    // npm and the terminal may both pass a Ctrl-C on: the second one changes nothing.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.end(`Ended by ${signal}.`));
    setTimeout(() => this.end(`Not finished within ${limitMs / 60_000} minutes.`), limitMs).unref();
  }

  end(sentence: string): void {
    this.#reject(new Error(sentence));
  }
}
