import { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';

/** Campaigns whose frame is kept: more than have a grant in a channel's hands at once, some 3 KB each with its decoded form. */
const MAX_FRAMES = 8_192;
/** Encoded bytes kept; a frame holds a whole mail. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Bytes at the front by which a frame is found: a campaign's id stands there. */
const HEAD_BYTES = 40;

interface Entry {
  readonly encoded: Buffer;
  readonly frame: CampaignFrame;
}

/** Frames as read before: with thousands of campaigns in turn each item brings its campaign's frame, and reading it anew would cost more than the item. */
export class FrameCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** The frame these bytes are; what is answered twice is one object. undefined: damaged bytes. */
  read(encoded: Buffer): CampaignFrame | undefined {
    const key = encoded.toString('latin1', 0, HEAD_BYTES);
    const known = this.#entries.get(key);
    if (known?.encoded.equals(encoded)) return known.frame;
    const frame = decoded(encoded);
    if (!frame) return undefined;
    if (known) this.#forget(key, known);
    // Bytes of their own: a view would hold all that was read with it.
    const own = Buffer.allocUnsafeSlow(encoded.length);
    own.set(encoded);
    this.#entries.set(key, { encoded: own, frame });
    this.#bytes += own.length;
    while (this.#entries.size > MAX_FRAMES || this.#bytes > MAX_BYTES) {
      const oldest = this.#entries.entries().next().value;
      if (!oldest) break;
      this.#forget(...oldest);
    }
    return frame;
  }

  #forget(key: string, { encoded }: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= encoded.length;
  }
}

function decoded(encoded: Buffer): CampaignFrame | undefined {
  try {
    return CampaignFrame.decode(encoded);
  } catch {
    return undefined;
  }
}
