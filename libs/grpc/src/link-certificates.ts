import type { experimental } from '@grpc/grpc-js';
import { LinkSource, watchFiles, type LinkFiles, type LinkPems } from '@tocsin/sealing';

type Provider = experimental.CertificateProvider;
type CaListener = Parameters<Provider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<Provider['addIdentityCertificateListener']>[0];

/**
 * Certificates of one end of a link for grpc-js, told anew when their files are replaced: new connections use the new ones, those that stand stay. The library's
 * own file watcher would hand out a new certificate with the old key while the two are being replaced.
 */
export class LinkCertificates implements Provider {
  readonly #source: LinkSource;
  readonly #ca = new Set<CaListener>();
  readonly #identity = new Set<IdentityListener>();
  #stop: (() => void) | undefined;

  /** Throws TocsinError FAILED_PRECONDITION naming a file that cannot be read or does not fit. */
  constructor(files: LinkFiles) {
    this.#source = new LinkSource(files);
    this.#source.current();
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#ca.add(listener);
    this.#watch();
    // Not at once: whoever adds a listener is heard by others only afterwards.
    process.nextTick(() => this.#ca.has(listener) && listener(authorityOf(this.#source.current())));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#ca.delete(listener);
    this.#rest();
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identity.add(listener);
    this.#watch();
    process.nextTick(() => this.#identity.has(listener) && listener(identityOf(this.#source.current())));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identity.delete(listener);
    this.#rest();
  }

  #watch(): void {
    this.#stop ??= watchFiles(this.#source.paths(), () => {
      const pems = this.#source.current();
      for (const listener of this.#identity) listener(identityOf(pems));
      for (const listener of this.#ca) listener(authorityOf(pems));
    });
  }

  #rest(): void {
    if (this.#ca.size + this.#identity.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}

function authorityOf({ ca }: LinkPems): { caCertificate: Buffer } | null {
  return ca === undefined ? null : { caCertificate: ca };
}

function identityOf({ certificate, key }: LinkPems): { certificate: Buffer; privateKey: Buffer } | null {
  return certificate === undefined || key === undefined ? null : { certificate, privateKey: key };
}
