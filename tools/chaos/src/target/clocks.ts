import { existsSync, globSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian's and Red Hat's packages put it. */
const LIBRARIES = '/usr/lib*/{*/,}faketime/libfaketime.so.1';

/** Wall clocks of single processes, moved while they run by libfaketime; what is monotonic stays true. */
export class Clocks {
  static readonly library: string | undefined = globSync(LIBRARIES).find((path) => existsSync(path));

  constructor(private readonly folder: string) {}

  /** What a process must be started with for its clock to be movable. */
  env(name: string): Readonly<Record<string, string>> {
    if (Clocks.library === undefined) return {};
    this.step(name, 0);
    return {
      LD_PRELOAD: Clocks.library,
      FAKETIME_TIMESTAMP_FILE: this.#file(name),
      // Looked at once a second: at every call a file would be read.
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** So many seconds away from the truth from within a second on. */
  step(name: string, seconds: number): void {
    mkdirSync(this.folder, { recursive: true });
    const staged = `${this.#file(name)}.new`;
    writeFileSync(staged, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(staged, this.#file(name));
  }

  #file(name: string): string {
    return join(this.folder, `${name}.clock`);
  }
}
