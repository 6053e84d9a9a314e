import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GrpcDeps } from '@tocsin/grpc';
import { TocsinError } from '@tocsin/errors';
import type { Supervisor } from '../stack/supervisor.js';
import { CALL_DEADLINE_MS, Partner } from './partner.js';
import type { PartnerState } from './partner-state.js';
import { runTool } from './run-tool.js';

const BOOTSTRAP_DEADLINE_MS = 60_000;

/** The platform's first administrator: the key of an earlier run when it still opens, else one that `tocsin-admin bootstrap` writes once. */
export async function openAdmin(
  supervisor: Supervisor,
  address: string,
  state: PartnerState,
  demoDir: string,
  deps: GrpcDeps,
): Promise<Partner> {
  if (state.adminKey !== '') {
    const known = new Partner(address, state.adminKey, deps);
    if (await opens(known)) return known;
    known.close();
  }
  state.rememberAdmin(await bootstrap(supervisor, demoDir));
  return new Partner(address, state.adminKey, deps);
}

async function opens(partner: Partner): Promise<boolean> {
  try {
    await partner.tenants.listTenants({ pageSize: 1, pageToken: '' }, { deadlineMs: CALL_DEADLINE_MS });
    return true;
  } catch (failure) {
    if (failure instanceof TocsinError && failure.code === 'UNAUTHENTICATED') return false;
    throw failure;
  }
}

async function bootstrap(supervisor: Supervisor, demoDir: string): Promise<string> {
  const out = join(demoDir, 'admin.key');
  const { paths, layout } = supervisor;
  await runTool(
    join(paths.root, 'tools', 'admin', 'dist', 'main.js'),
    ['bootstrap', '--out', out],
    supervisor.toolSettings(),
    BOOTSTRAP_DEADLINE_MS,
    layout.tools,
  );
  if (!existsSync(out)) throw new TocsinError('INTERNAL', 'NO_ADMIN_KEY', `tocsin-admin bootstrap ended well but wrote no ${out}.`);
  return readFileSync(out, 'utf8').trim();
}
