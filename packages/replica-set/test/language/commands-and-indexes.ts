/** MongoDB's commands, kinds of indexes and kinds of collections, and how they stand here. */
import { refusals } from '../../src/commands/refused-commands.ts';
import { differs, type LanguageEntry, refused, right } from './entry.ts';

export const commandNames: readonly LanguageEntry[] = [
  ...right('abortTransaction', 'aggregate', 'authenticate', 'buildInfo', 'bulkWrite'),
  differs(
    'collMod',
    'changes validators, views, images, bounds of capped collections and, of indexes, expireAfterSeconds and hidden; else refused (238)',
  ),
  differs('collStats', 'sizes are those of documents and keys'),
  ...right('commitTransaction'),
  differs('configureFailPoint', 'knows the three fail points that the door tells of'),
  ...right('connectionStatus', 'count'),
  differs(
    'create',
    'time-series collections and those that expire by a clusteredIndex are refused (238)',
  ),
  differs('createIndexes', 'see the kinds of indexes; commitQuorum is not looked at'),
  ...refused(31082, 'createSearchIndexes', 'dropSearchIndex', 'updateSearchIndex'),
  differs('currentOp', 'tells of the commands that run, not of idle connections and sessions'),
  differs('dataSize', 'of a whole collection; a part of one is refused (238)'),
  differs('dbHash', 'a hash of its own, the same on members that hold the same'),
  differs('dbStats', 'sizes are those of documents and keys'),
  ...right('delete', 'distinct', 'drop', 'dropDatabase', 'dropIndexes', 'endSessions'),
  differs(
    'explain',
    'as the classic engine tells it, of find, count, distinct, aggregate, update, delete and findAndModify; a plan is chosen by rules, so that allPlansExecution has no trials to tell of',
  ),
  differs('features', 'no flags of the build'),
  ...right('find', 'findAndModify'),
  differs('getClusterParameter', 'there is no parameter'),
  differs('getCmdLineOpts', 'there are no options'),
  ...right('getDefaultRWConcern'),
  differs('getLog', 'nothing is kept'),
  ...right('getMore'),
  differs('getParameter', 'the parameters that say something true of this server'),
  ...right('hello', 'hostInfo', 'insert'),
  ...right('killAllSessions', 'killAllSessionsByPattern', 'killCursors'),
  differs('killOp', 'ends index builds; what takes a single turn cannot be ended'),
  ...right('killSessions', 'listCollections'),
  differs('listCommands', 'without help texts'),
  ...right('listDatabases', 'listIndexes', 'logout', 'ping'),
  differs('profile', 'level 0 alone; others are refused (238)'),
  ...right('refreshSessions'),
  differs(
    'renameCollection',
    'into another database too, where the collection keeps its uuid and change streams see a rename',
  ),
  ...right('replSetFreeze', 'replSetGetConfig', 'replSetGetStatus', 'replSetStepDown'),
  ...right('rolesInfo', 'saslContinue', 'saslStart'),
  differs(
    'serverStatus',
    'connections, memory, counters of commands, cursors, TTL and transactions',
  ),
  differs(
    'setParameter',
    'transactionLifetimeLimitSeconds, ttlMonitorEnabled and ttlMonitorSleepSecs, of one member',
  ),
  ...right('startSession'),
  differs('top', 'times of whole commands'),
  ...right('update'),
  differs('usersInfo', 'the one user'),
  differs('validate', 'compares documents with keys; repairs nothing'),
  ...right('whatsmyuri'),
  ...refused(115, ...Object.keys(refusals)),
];

/** The kinds and options of indexes. */
export const indexKinds: readonly LanguageEntry[] = [
  ...right('single field', 'compound', 'multikey', 'unique', 'sparse', 'partial', 'hidden', 'TTL'),
  differs(
    'collation',
    'keys hold strings by their bytes, so that such an index helps with other values alone; with unique it is refused (238), and that on _id compares by bytes',
  ),
  differs('clustered', 'told and kept; it is read through the index on _id'),
  ...refused(238, 'text', '2d', '2dsphere', 'hashed', 'wildcard', 'prepareUnique'),
];

/** The kinds and options of collections. */
export const collectionKinds: readonly LanguageEntry[] = [
  ...right('view', 'collation', 'validator', 'validationLevel', 'changeStreamPreAndPostImages'),
  differs('validationAction', "'warn' writes no log"),
  differs(
    'capped',
    'what makes room is deleted by deletes of the log, which change streams tell of',
  ),
  ...right('tailable cursor', 'awaitData'),
  ...refused(238, 'timeseries', 'encryptedFields'),
];
