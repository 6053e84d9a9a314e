// THIS IS A STAND-IN, not an operator: it speaks SMPP 3.4 on loopback, sends nothing to anyone, and keeps the ledger that proofs are made with.
import { openHttp } from './stand-in/http.js';
import { StandInSmsc } from './stand-in/smsc.js';

const port = Number(process.env['TOCSIN_STANDIN_PORT'] ?? 7440);
const httpPort = Number(process.env['TOCSIN_STANDIN_HTTP_PORT'] ?? 7441);
const rate = Number(process.env['TOCSIN_STANDIN_RATE'] ?? 500);
const ledger = process.env['TOCSIN_STANDIN_LEDGER'];

if (!ledger || ![port, httpPort, rate].every((value) => Number.isFinite(value) && value >= 0)) {
  process.stderr.write(
    'SMSC stand-in: set TOCSIN_STANDIN_LEDGER to a file; TOCSIN_STANDIN_PORT, TOCSIN_STANDIN_HTTP_PORT and TOCSIN_STANDIN_RATE are numbers.\n',
  );
  process.exit(2);
}

const smsc = new StandInSmsc(ledger, rate, process.env['TOCSIN_STANDIN_NAME']);
const bound = await smsc.listen(port);
const http = await openHttp(smsc, httpPort);
const address = http.address();
const httpBound = typeof address === 'object' && address ? address.port : httpPort;
process.stdout.write(`${JSON.stringify({ standIn: 'smsc', smpp: bound, http: httpBound, rate, ledger })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    http.close();
    smsc.stop();
    process.exit(0);
  });
}
