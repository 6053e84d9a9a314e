import { clean } from './text/clean.js';
import type { Words } from './text/catalogue.js';

export interface OutputSetting {
  readonly json: boolean;
  readonly words: Words;
  write(text: string): void;
  /** Where people look while they wait; never part of the result. */
  writeError(text: string): void;
}

/** The result of a command: lines for people, or JSON for programs, never both. */
export class Output {
  readonly json: boolean;
  readonly words: Words;

  constructor(private readonly setting: OutputSetting) {
    this.json = setting.json;
    this.words = setting.words;
  }

  /** The whole result: one JSON object on one line, or what `lines` makes of it. */
  result(value: object, lines: () => readonly string[]): void {
    if (this.json) this.setting.write(`${JSON.stringify(value)}\n`);
    else for (const line of lines()) this.setting.write(`${clean(line)}\n`);
  }

  /** Something to know that is not the result. */
  notice(line: string): void {
    if (!this.json) this.setting.writeError(`${clean(line)}\n`);
  }
}
