import { waitUntil } from '@tocsin/testing';
import type { SiteName } from './links.js';

/** Ms until copies of topics that were just made are in sync everywhere. */
const IN_SYNC_DEADLINE_MS = 60_000;
const LOOK_MS = 1_000;

/** Leads every partition while it is there, so that sites that see the witness and not each other are not both stopped. */
export const LEADING_SITE: SiteName = 'A';

/** As an operator does once, when a platform is set up: `tocsin-admin site lead`. */
export function letLead(admin: (args: readonly string[]) => Promise<void>, site: SiteName): Promise<void> {
  const lead = async (): Promise<boolean> => {
    // Refused while copies of topics just made are not in sync yet.
    await admin(['site', 'lead', site]);
    return true;
  };
  return waitUntil(`site ${site} leads`, lead, IN_SYNC_DEADLINE_MS, LOOK_MS);
}
