/** Stages that this server has by name only: it answers as a MongoDB that cannot serve them either. */
import { ServerError } from '../server-error.ts';
import type { StageDefinition } from './stage.ts';

/** The error for what MongoDB Atlas alone has. */
export function searchNotEnabled(): ServerError {
  return new ServerError(
    31082,
    'Using $search and $vectorSearch aggregation stages requires additional configuration. Search indexes are there on MongoDB Atlas only.',
  );
}

/** A stage that is refused whatever its operand. */
function refused(error: () => ServerError): StageDefinition {
  return {
    compile() {
      throw error();
    },
  };
}

export const refusedStages: ReadonlyMap<string, StageDefinition> = new Map([
  ...['$search', '$searchMeta', '$vectorSearch', '$listSearchIndexes'].map(
    (name) => [name, refused(searchNotEnabled)] as const,
  ),
  [
    '$geoNear',
    refused(
      () =>
        new ServerError(
          291,
          'error processing query: planner returned error :: caused by :: unable to find index for $geoNear query',
        ),
    ),
  ],
  [
    '$shardedDataDistribution',
    refused(() => new ServerError(40644, '$shardedDataDistribution can only be run on mongoS')),
  ],
  [
    '$queryStats',
    refused(
      () => new ServerError(238, '$queryStats is not there: no statistics of queries are kept'),
    ),
  ],
  [
    '$changeStreamSplitLargeEvent',
    {
      compile(_operand, { place }) {
        throw place === 'changeStream'
          ? new ServerError(238, '$changeStreamSplitLargeEvent is not supported')
          : new ServerError(
              20,
              '$changeStreamSplitLargeEvent can only be used in a $changeStream pipeline',
            );
      },
    },
  ],
]);
