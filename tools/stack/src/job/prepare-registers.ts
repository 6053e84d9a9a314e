import type { GrpcDeps } from '@tocsin/grpc';
import type { Supervisor } from '../stack/supervisor.js';
import { openAgents } from './demo-agents.js';
import type { DemoInput } from './demo-input.js';
import { fileHash, importRegister } from './import-register.js';
import type { PartnerState } from './partner-state.js';
import type { ExpectedTenant } from './read-manifest.js';
import { sendStops } from './send-stops.js';
import { sideBySide } from './side-by-side.js';

/** The city alone takes a core; two small ones beside it use what is left. */
const SIDE_BY_SIDE = 3;
/** Rows between two lines of progress. */
const SAY_EVERY_ROWS = 25_000;

export interface RegistersOptions {
  readonly address: string;
  readonly deps: GrpcDeps;
  readonly state: PartnerState;
  readonly input: DemoInput;
  readonly supervisor: Supervisor;
  readonly say: (line: string) => void;
}

/** Imports every register that is not there yet, then lets those who must not be reached write STOP. */
export async function prepareRegisters(options: RegistersOptions): Promise<void> {
  // The largest first, so that the small ones fill the gaps.
  const tenants = options.input.tenants.toSorted((a, b) => b.recipients - a.recipients);
  const fresh = (await sideBySide(tenants, SIDE_BY_SIDE, (tenant) => importOne(options, tenant))).filter(Boolean).length;
  options.say(fresh === 0 ? 'The registers are there from an earlier run.' : `${fresh} registers imported.`);
  const smsc = options.supervisor.httpPort('stand-in-sms');
  const stops = tenants.flatMap((tenant) => tenant.stops);
  if (fresh === 0 || stops.length === 0) return;
  await sendStops(smsc, stops);
  options.say(`${stops.length} people wrote STOP.`);
}

/** False when this very file was imported by an earlier run. */
async function importOne(options: RegistersOptions, tenant: ExpectedTenant): Promise<boolean> {
  const known = options.state.tenant(tenant.key);
  if (known === undefined) throw new Error(`${tenant.name} has not been set up`);
  const hash = await fileHash(tenant.file);
  if (known.importedHash === hash) return false;
  const agents = openAgents(options.address, known, options.deps);
  let said = 0;
  try {
    const done = await importRegister(agents.author, known.tenantId, tenant.file, ({ rows }) => {
      if (rows - said < SAY_EVERY_ROWS) return;
      said = rows;
      options.say(`${tenant.name}: ${rows} rows read.`);
    });
    if (tenant.kind !== 'commune') {
      options.say(`${tenant.name}: ${done.created} contacts from ${done.rows} rows, ${done.merged} merged, ${done.refused} refused.`);
    }
  } finally {
    agents.author.close();
    agents.approver.close();
  }
  options.state.rememberTenant(tenant.key, { ...known, importedHash: hash });
  return true;
}
