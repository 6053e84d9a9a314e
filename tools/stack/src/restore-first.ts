import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { runTool } from './job/run-tool.js';
import type { StackPaths } from './stack/paths.js';
import type { Supervisor } from './stack/supervisor.js';

/** Milliseconds a restore may take; what is promised is 15 minutes with the start of the services. */
const RESTORE_DEADLINE_MS = 30 * 60_000;

/** A backup to begin with, and the file of its key. */
export interface RestoreFirst {
  readonly from: string;
  readonly key: string;
}

/** A start would make a platform key of its own, under which nothing of the backup could be read: refused before anything is started. */
export function requirePlatformKey(paths: StackPaths): void {
  if (existsSync(paths.keyFile)) return;
  const message = `The platform key of the backup is not at ${paths.keyFile}: put it there (mode 600) first, or what is sealed in the backup cannot be read.`;
  throw new TocsinError('FAILED_PRECONDITION', 'PLATFORM_KEY_MISSING', message);
}

/** Reads the backup into the ground that has just started, before any service does; answers what tocsin-admin says of it. */
export async function restoreFirst(supervisor: Supervisor, { from, key }: RestoreFirst): Promise<Record<string, unknown>> {
  const script = join(supervisor.paths.root, 'tools', 'admin', 'dist', 'main.js');
  const said = await runTool(
    script,
    ['--json', 'restore', '--from', from, '--key', key],
    supervisor.toolSettings(),
    RESTORE_DEADLINE_MS,
    supervisor.layout.tools,
  ).catch((failure: unknown) => {
    // With --json the sentence stands in the answer.
    const cause = failure instanceof Error ? failure.cause : undefined;
    const text = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).trim().split('\n').at(-1) : '';
    if (!text?.startsWith('{')) throw failure;
    const { error } = JSON.parse(text) as { readonly error?: { readonly message: string } };
    throw new TocsinError('FAILED_PRECONDITION', 'RESTORE_REFUSED', error?.message ?? text);
  });
  return JSON.parse(said.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
}
