/** `$rank`, `$denseRank`, `$documentNumber`, `$shift`. */
import { type BsonValue, isDocument } from '../../bson-document.ts';
import { isNumber, toDouble } from '../../bson-order.ts';
import { compileExpression, missing, type VariableScope } from '../../expression.ts';
import { ServerError } from '../../server-error.ts';
import type { SortKey } from '../../sort.ts';
import { constantOf } from '../constant.ts';
import { compareSortKeys, sortKeyOf } from '../sort-key.ts';
import { rooted } from '../stage.ts';
import type { WindowFunction } from './partition.ts';

export type Ranking = '$rank' | '$denseRank' | '$documentNumber';

/** Numbers the documents; those that sort alike have one rank, from which `$rank` goes on by their count. */
export function ranking(operator: Ranking, sortBy: readonly SortKey[]): WindowFunction {
  return ({ documents, scope }) => {
    let rank = 0n;
    let last: readonly BsonValue[] | undefined;
    return documents.map((document, index) => {
      const key = sortKeyOf(sortBy, document, scope.collator);
      const isSame = last !== undefined && compareSortKeys(sortBy, key, last, scope.collator) === 0;
      last = key;
      if (isSame && operator !== '$documentNumber') return rank;
      rank = operator === '$denseRank' ? rank + 1n : BigInt(index + 1);
      return rank;
    });
  };
}

export function shift(operand: BsonValue, around: VariableScope): WindowFunction {
  if (!isDocument(operand)) throw new ServerError(9, 'Argument to $shift must be an object');
  let by: number | undefined;
  let fallback: BsonValue = null;
  for (const [name, value] of operand) {
    if (name === 'by') {
      const number = isNumber(value) ? toDouble(value) : Number.NaN;
      if ((number | 0) !== number) {
        throw new ServerError(
          9,
          `'$shift:by' field must be an integer, but found  ${String(value)}`,
        );
      }
      by = number;
    } else if (name === 'default') {
      const constant = constantOf(value, around);
      if (constant === undefined) {
        throw new ServerError(9, "'$shift:default' expression must yield a constant value.");
      }
      fallback = constant.value;
    } else if (name !== 'output') throw new ServerError(9, 'Unknown argument in $shift');
  }
  if (!operand.has('output')) throw new ServerError(9, "$shift requires an 'output' expression.");
  if (by === undefined) throw new ServerError(9, "$shift requires 'by' as an integer value.");
  const offset = by;
  const evaluate = compileExpression(operand.get('output'), around);
  return ({ documents, scope }) =>
    documents.map((_, index) => {
      const other = documents[index + offset];
      if (other === undefined) return fallback;
      const value = evaluate(rooted(scope, other));
      return value === missing ? null : value;
    });
}
