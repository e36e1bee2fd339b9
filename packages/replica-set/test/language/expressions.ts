/** Expressions, variables and accumulators of MongoDB 8.0's manual. */
import { differs, type LanguageEntry, refused, right } from './entry.ts';

const lastPlace =
  'rounded correctly in decimals, and in doubles by V8: MongoDB may differ in the last place';
const exact = 'exact, where MongoDB promises an approximation';

const names = (text: string): string[] => text.trim().split(/\s+/);

/** Every operator that an expression may use, accumulators that are expressions too, and every variable. */
export const expressionNames: readonly LanguageEntry[] = [
  ...right(
    ...names(`
    $abs $add $allElementsTrue $and $anyElementTrue $arrayElemAt $arrayToObject $avg $binarySize
    $bitAnd $bitNot $bitOr $bitXor $bsonSize $ceil $cmp $concat $concatArrays $cond $const $convert
    $dateAdd $dateDiff $dateFromParts $dateSubtract $dateToParts $dateToString $dateTrunc
    $dayOfMonth $dayOfWeek $dayOfYear $degreesToRadians $divide $eq $filter $first $firstN
    $floor $getField $gt $gte $hour $ifNull $in $indexOfArray $indexOfBytes $indexOfCP $isArray
    $isNumber $isoDayOfWeek $isoWeek $isoWeekYear $last $lastN $let $literal $lt $lte $ltrim
    $map $max $maxN $mergeObjects $millisecond $min $minN $minute $mod $month $multiply $ne $not
    $objectToArray $or $radiansToDegrees $rand $range $reduce $regexFind $regexFindAll
    $regexMatch $replaceAll $replaceOne $reverseArray $round $rtrim $second $setDifference
    $setEquals $setField $setIntersection $setIsSubset $setUnion $size $slice $sortArray $split
    $sqrt $stdDevPop $stdDevSamp $strLenBytes $strLenCP $strcasecmp $substr $substrBytes
    $substrCP $subtract $sum $switch $toBool $toDate $toDecimal $toDouble $toInt $toLong
    $toLower $toObjectId $toString $toUUID $toUpper $trim $trunc $tsIncrement $tsSecond $type
    $unsetField $week $year $zip
  `),
  ),
  ...right('$$CLUSTER_TIME', '$$CURRENT', '$$NOW', '$$REMOVE', '$$ROOT'),
  ...names(`
    $acos $acosh $asin $asinh $atan $atan2 $atanh $cos $cosh $exp $ln $log $log10 $pow $sin
    $sinh $tan $tanh
    `).map((name) => differs(name, lastPlace)),
  ...['$median', '$percentile'].map((name) => differs(name, exact)),
  differs(
    '$dateFromString',
    'without a format it reads ISO 8601, RFC 2822 and common spellings, not all that timelib does',
  ),
  ...refused(31264, '$function'),
  ...refused(40218, '$meta'),
  ...refused(238, '$toHashedIndexKey'),
];

/** Every accumulator that `$group` and its like may use. */
export const accumulatorNames: readonly LanguageEntry[] = [
  ...right(
    ...names(`
    $addToSet $avg $bottom $bottomN $count $first $firstN $last $lastN $max $maxN $mergeObjects
    $min $minN $push $stdDevPop $stdDevSamp $sum $top $topN
  `),
  ),
  ...['$median', '$percentile'].map((name) => differs(name, exact)),
  ...refused(31264, '$accumulator'),
];
