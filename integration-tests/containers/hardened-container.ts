import { GenericContainer, Wait } from 'testcontainers';

/** GiB of memory, as the chart's limit has it. */
const MEMORY_GIB = 0.375;

/** A container as the chart runs it: read-only root, no capability, no way to gain one, bounded memory; on the network of this machine. */
export class HardenedContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.withNetworkMode('host')
      .withDroppedCapabilities('ALL')
      .withSecurityOpt('no-new-privileges')
      .withResourcesQuota({ memory: MEMORY_GIB })
      // Its health check looks every ten seconds; whether it is ready its user asks by itself.
      .withWaitStrategy(Wait.forLogMessage('service.starting'));
  }
}
