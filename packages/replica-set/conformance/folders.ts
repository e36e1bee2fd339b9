/** A folder of the specifications, and the driver's test file that runs its unified tests. */
export interface Folder {
  readonly name: string;
  /** Below the driver's `test/integration`. */
  readonly testFile: string;
  /** The share of the tests run that has to pass, 0 to 1; without one the folder is only told of. */
  readonly target?: number;
}

export const folders: readonly Folder[] = [
  folder('sessions', 'sessions', 0.95),
  folder('retryable-writes', 'retryable_writes', 0.95),
  folder('retryable-reads', 'retryable_reads', 0.95),
  folder('read-write-concern', 'read_write_concern', 0.95),
  folder('transactions', 'transactions', 0.85),
  folder('transactions-convenient-api', 'transactions-convenient-api'),
  folder('change-streams', 'change_streams', 0.85),
  folder('causal-consistency', 'causal_consistency'),
  folder('crud', 'crud', 0.95),
  folder('command-logging-and-monitoring', 'command_logging_and_monitoring', 0.95),
  folder('run-command', 'run_command', 0.95),
  folder('collection-management', 'collection_management'),
  folder('index-management', 'search-index-management', 0.95),
  folder('gridfs', 'gridfs'),
  folder('server-discovery-and-monitoring', 'server_discovery_and_monitoring'),
  folder('server-selection', 'server_selection'),
  folder('versioned-api', 'versioned_api'),
  folder('client-backpressure', 'client-backpressure'),
];

function folder(name: string, file: string, target?: number): Folder {
  const testFile = `${name}/${file}.spec.test.ts`;
  return target === undefined ? { name, testFile } : { name, testFile, target };
}
