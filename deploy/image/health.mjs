// HEALTHCHECK of the image: asks the service that is process 1 whether it lives. Kubernetes asks by itself and never runs this.
import { readFileSync } from 'node:fs';

/** ms the answer may take; below the time-out of the Dockerfile's HEALTHCHECK. */
const DEADLINE_MS = 4_000;

const service = readFileSync('/proc/1/cmdline', 'utf8')
  .split('\0')
  .map((argument) => /\/services\/([^/]+)\/dist\/main\.js$/.exec(argument)?.[1])
  .find((found) => found !== undefined);
const port = service && process.env[`TOCSIN_${service.toUpperCase().replaceAll('-', '_')}_HTTP_PORT`];
if (!port) unhealthy('No port is known: set TOCSIN_<SERVICE>_HTTP_PORT.');
const bound = process.env.TOCSIN_BIND_HOST ?? '127.0.0.1';
const host = bound === '0.0.0.0' ? '127.0.0.1' : bound === '::' ? '[::1]' : bound;
const answer = await fetch(`http://${host}:${port}/live`, { signal: AbortSignal.timeout(DEADLINE_MS) }).catch((error) => error);
if (answer.status !== 200) unhealthy(`${service} does not answer that it lives: ${answer.status ?? answer.message}`);

function unhealthy(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
