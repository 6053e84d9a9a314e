/** One answer of a relay: its code and its lines, joined by line feeds, as they came. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** Longest answer read, octets. */
export const MAX_REPLY = 8_192;

/** Cuts what a relay writes into answers (RFC 5321, 4.2.1). Throws RangeError for what is none: whoever speaks there speaks another protocol. */
export class ReplyReader {
  #rest = '';
  #lines: string[] = [];
  #length = 0;

  /** The answers that are complete with this piece, in order. */
  take(octets: string): Reply[] {
    const replies: Reply[] = [];
    const text = this.#rest + octets;
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end);
      at = end + 1;
      this.#length += line.length;
      if (this.#length > MAX_REPLY || !/^\d{3}(?:[ -]|$)/.test(line)) throw new RangeError('not an SMTP answer');
      this.#lines.push(line);
      if (line[3] === '-') continue;
      replies.push({ code: Number(line.slice(0, 3)), text: this.#lines.length === 1 ? line : this.#lines.join('\n') });
      this.#lines = [];
      this.#length = 0;
    }
    this.#rest = at === 0 ? text : text.slice(at);
    if (this.#rest.length > MAX_REPLY) throw new RangeError('a line without end');
    return replies;
  }

  /** Whether something has come that is not answered yet: nothing may, before TLS begins. */
  get empty(): boolean {
    return this.#rest === '' && this.#lines.length === 0;
  }
}
