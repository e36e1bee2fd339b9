/** MongoDB's aggregation stages and window operators, and how they stand here. */
import { differs, type LanguageEntry, refused, right } from './entry.ts';

export const stages: readonly LanguageEntry[] = [
  ...right('$addFields', '$bucket', '$bucketAuto', '$changeStream'),
  ...refused(20, '$changeStreamSplitLargeEvent'),
  differs('$collStats', 'scans are not counted; sizes are those of documents and keys'),
  ...right('$count'),
  differs('$currentOp', 'idle connections, cursors and sessions are not told'),
  ...right('$densify', '$documents', '$facet', '$fill'),
  ...refused(291, '$geoNear'),
  ...right('$graphLookup', '$group', '$indexStats'),
  ...right('$limit', '$listLocalSessions', '$listSampledQueries'),
  ...refused(31082, '$listSearchIndexes'),
  differs('$listSessions', 'tells of the sessions of the member that is asked'),
  ...right('$lookup', '$match', '$merge'),
  differs('$out', 'into a time-series collection it is refused (238)'),
  differs('$planCacheStats', 'is always empty: plans are not kept'),
  ...right('$project', '$querySettings'),
  ...refused(238, '$queryStats'),
  ...right('$redact', '$replaceRoot', '$replaceWith', '$sample'),
  ...refused(31082, '$search', '$searchMeta'),
  ...right('$set', '$setWindowFields'),
  ...refused(40644, '$shardedDataDistribution'),
  ...right('$skip'),
  differs('$sort', 'by $meta it is refused (40218)'),
  ...right('$sortByCount', '$unionWith', '$unset', '$unwind'),
  ...refused(31082, '$vectorSearch'),
];

export const windowOperators: readonly LanguageEntry[] = [
  ...right('$addToSet', '$avg', '$bottom', '$bottomN', '$count'),
  ...right('$covariancePop', '$covarianceSamp'),
  ...right('$denseRank', '$derivative', '$documentNumber'),
  ...right('$expMovingAvg', '$first', '$firstN', '$integral', '$last', '$lastN'),
  ...right('$linearFill', '$locf', '$max', '$maxN', '$median', '$min', '$minN', '$percentile'),
  ...right('$push', '$rank', '$shift', '$stdDevPop', '$stdDevSamp', '$sum', '$top', '$topN'),
];
