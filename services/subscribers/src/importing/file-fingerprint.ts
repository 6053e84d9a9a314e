import { createHash } from 'node:crypto';

/** SHA-256 over a file's bytes as they pass by, some 2 ns a byte; tells a repeated import from another file under the same key. */
export class FileFingerprint {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  async *of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  /** Of all bytes that passed so far. */
  hex(): string {
    return this.#hash.copy().digest('hex');
  }
}
