import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the partner remembers of one municipality between two runs. */
export interface KnownTenant {
  readonly tenantId: string;
  readonly authorKey: string;
  readonly approverKey: string;
  /** Hash of the file last imported to its end, '' before. */
  readonly importedHash: string;
}

interface Remembered {
  readonly adminKey: string;
  readonly tenants: Readonly<Record<string, KnownTenant>>;
}

/** Keys are shown once, so the partner keeps them in a file of its own (0600), as any program on this API would. */
export class PartnerState {
  #remembered: Remembered;

  constructor(private readonly file: string) {
    this.#remembered = read(file) ?? { adminKey: '', tenants: {} };
  }

  get adminKey(): string {
    return this.#remembered.adminKey;
  }

  tenant(key: string): KnownTenant | undefined {
    return this.#remembered.tenants[key];
  }

  rememberAdmin(adminKey: string): void {
    // A new administrator means a new platform: nothing known of the old one holds.
    this.#write({ adminKey, tenants: {} });
  }

  rememberTenant(key: string, known: KnownTenant): void {
    this.#write({ ...this.#remembered, tenants: { ...this.#remembered.tenants, [key]: known } });
  }

  #write(remembered: Remembered): void {
    this.#remembered = remembered;
    mkdirSync(dirname(this.file), { recursive: true });
    const staged = `${this.file}.new`;
    // On disk before it takes the other's place: a key that is lost cannot be asked for again.
    writeFileSync(staged, JSON.stringify(remembered, null, 1), { mode: 0o600, flush: true });
    renameSync(staged, this.file);
  }
}

function read(file: string): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Remembered;
  } catch {
    return undefined;
  }
}
