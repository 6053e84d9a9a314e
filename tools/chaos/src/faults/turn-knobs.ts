const DEADLINE_MS = 5_000;
const AGAIN_MS = 300;
/** A stand-in that was killed meanwhile is back in a second; its knobs are then the usual ones. */
const TRIES = 20;

export type Knobs = Readonly<Record<string, number | boolean | string>>;

/** Turns knobs of a provider stand-in; throws when it refuses them. */
export async function turnKnobs(http: string, knobs: Knobs): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await fetch(`${http}/knobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(knobs),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const said = await answer.text();
      if (answer.ok) return;
      throw new SyntaxError(`The stand-in refuses ${JSON.stringify(knobs)}: ${said}`);
    } catch (failure) {
      if (failure instanceof SyntaxError || tried >= TRIES) throw failure;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
