export { readKeyFile } from './key-file.js';
export { loadSealer } from './sealer.js';
export type { Sealer, UnsubscribeClaim } from './sealer.js';
export { LinkSource, readSecretFile, stampOf } from './link-files.js';
export type { LinkFiles, LinkPems } from './link-files.js';
export { watchFiles } from './watch-files.js';
export { auditMacOf, loadAuditMac } from './audit-mac.js';
export type { AuditMac } from './audit-mac.js';
