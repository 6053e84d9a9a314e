export { forgetOldAuthority, isReplacing, makeCredentials, replaceEverything, trustNextAuthority } from './credential-folder.js';
export type { CredentialChanges, CredentialOptions } from './credential-folder.js';
export { readSecretFile as readPassword } from '../link-files.js';
export { authorityFiles, credentialFiles, linkEnvironment, storeUsersFile } from './credential-paths.js';
export type { CredentialFiles } from './credential-paths.js';
