/** Commands that MongoDB has and this server refuses, each with what stands in their way. */
import type { Command } from '../command.ts';
import { ServerError } from '../server-error.ts';

const users = 'there is one user, given when the set is started';
const sharding = 'there is no sharding';
const oneFile = 'the storage is SQLite and sees to itself';
const noScript = 'there is no server-side JavaScript';
const noPlanCache = 'plans are made anew for each query';
const fixedSet = 'the members of the set are fixed when it is started';
const fixedDefaults = 'the default concerns cannot be changed';
const noEncryption = 'there is no encryption';
const oneDeployment = 'it is for deployments of many machines';
const noLogFile = 'the server writes no log file';
const noFilters = 'queries are planned without settings';

/** By name, for `listCommands` and the README too. */
export const refusals: Readonly<Record<string, string>> = {
  createUser: users,
  updateUser: users,
  dropUser: users,
  dropAllUsersFromDatabase: users,
  grantRolesToUser: users,
  revokeRolesFromUser: users,
  createRole: users,
  updateRole: users,
  dropRole: users,
  dropAllRolesFromDatabase: users,
  grantRolesToRole: users,
  revokeRolesFromRole: users,
  grantPrivilegesToRole: users,
  revokePrivilegesFromRole: users,
  invalidateUserCache: users,
  addShard: sharding,
  removeShard: sharding,
  listShards: sharding,
  shardCollection: sharding,
  unshardCollection: sharding,
  reshardCollection: sharding,
  enableSharding: sharding,
  moveChunk: sharding,
  moveCollection: sharding,
  movePrimary: sharding,
  split: sharding,
  mergeChunks: sharding,
  refineCollectionShardKey: sharding,
  getShardMap: sharding,
  balancerStart: sharding,
  balancerStop: sharding,
  balancerStatus: sharding,
  flushRouterConfig: sharding,
  checkShardingIndex: sharding,
  mapReduce: noScript,
  planCacheSetFilter: noPlanCache,
  planCacheClearFilters: noPlanCache,
  planCacheListFilters: noPlanCache,
  planCacheClear: noPlanCache,
  setQuerySettings: noFilters,
  removeQuerySettings: noFilters,
  compact: oneFile,
  compactStructuredEncryptionData: noEncryption,
  cleanupStructuredEncryptionData: noEncryption,
  fsync: oneFile,
  fsyncUnlock: oneFile,
  reIndex: oneFile,
  autoCompact: oneFile,
  convertToCapped: 'a capped collection is made by create',
  cloneCollectionAsCapped: 'a capped collection is made by create',
  filemd5: 'drivers work out the checksums of files',
  logRotate: noLogFile,
  setAuditConfig: noLogFile,
  replSetInitiate: fixedSet,
  replSetReconfig: fixedSet,
  replSetSyncFrom: fixedSet,
  replSetMaintenance: fixedSet,
  replSetResizeOplog: 'the size of the log is given when the set is started',
  setDefaultRWConcern: fixedDefaults,
  setClusterParameter: fixedDefaults,
  setFeatureCompatibilityVersion: 'there is one version',
  setIndexCommitQuorum: 'an index is built by one member after the other',
  setUserWriteBlockMode: oneDeployment,
  shutdown: 'the process that started the set stops it',
  rotateCertificates: 'there is no TLS',
  analyze: noPlanCache,
  analyzeShardKey: sharding,
  configureQueryAnalyzer: sharding,
  appendOplogNote: oneDeployment,
  geoSearch: 'there are no geographic indexes',
};

export const refusedCommands: Readonly<Record<string, Command>> = Object.fromEntries(
  Object.entries(refusals).map(([name, why]): [string, Command] => [
    name,
    {
      kind: 'any',
      // What it is refused for comes before what is wrong in it.
      writes: () => true,
      run() {
        throw new ServerError(115, `${name} is not supported: ${why}`);
      },
    },
  ]),
);
