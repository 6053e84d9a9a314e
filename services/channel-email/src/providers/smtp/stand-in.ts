import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { controlServer } from './stand-in/control.js';
import { DEFAULT_RATE, startingKnobs, turnKnobs } from './stand-in/knobs.js';
import { Ledger } from './stand-in/ledger.js';
import { StandInMta, type Stats } from './stand-in/mta.js';
import { RateWindow } from './stand-in/rate-window.js';
import { RecentMails } from './stand-in/recent-mails.js';

/**
 * A stand-in for a mail relay, for development and tests: no mail leaves this machine.
 * TOCSIN_STANDIN_PORT (SMTP), TOCSIN_STANDIN_HTTP_PORT (control), TOCSIN_STANDIN_LEDGER (file), TOCSIN_STANDIN_RATE (mails a second).
 */
const LOOPBACK = '127.0.0.1';

const rate = Number(process.env['TOCSIN_STANDIN_RATE'] ?? DEFAULT_RATE);
const ledgerFile = process.env['TOCSIN_STANDIN_LEDGER'];
if (ledgerFile === undefined || !(rate > 0)) {
  process.stderr.write('The stand-in needs TOCSIN_STANDIN_LEDGER (a file) and a TOCSIN_STANDIN_RATE above 0.\n');
  process.exit(2);
}

const stats: Stats = { accepted: 0, deduplicated: 0, throttled: 0, refused: 0, greylisted: 0, nonsense: 0, unnamed: 0 };
const knobs = startingKnobs(rate);
const window = new RateWindow(rate);
const ledger = await Ledger.open(ledgerFile);
const recent = new RecentMails();
const mta = new StandInMta({ knobs, window, ledger, stats, recent });
const smtp = await mta.listen(portOf('TOCSIN_STANDIN_PORT'), LOOPBACK);
const control = controlServer({
  ready: () => smtp.listening && !knobs.down,
  stats: () => ({ ...stats, knobs, smtpPort: boundPort(smtp) }),
  mails: () => recent.list(),
  turn(body) {
    const before = knobs.rate;
    const error = turnKnobs(knobs, body);
    if (knobs.rate !== before) window.setRate(knobs.rate);
    if (knobs.down) mta.dropConnections();
    return error;
  },
});
control.listen(portOf('TOCSIN_STANDIN_HTTP_PORT'), LOOPBACK);
await once(control, 'listening');
process.stdout.write(
  `${JSON.stringify({ standIn: 'smtp', smtpPort: boundPort(smtp), httpPort: boundPort(control), rate, ledger: ledgerFile, note: 'no mail leaves this machine' })}\n`,
);

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    control.close();
    mta.dropConnections();
    void mta
      .close()
      .then(() => ledger.close())
      .finally(() => process.exit(0));
  });
}

function portOf(name: string): number {
  return Number(process.env[name] ?? 0);
}

function boundPort(server: Server): number {
  return (server.address() as AddressInfo).port;
}
