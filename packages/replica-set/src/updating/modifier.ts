/** What an update operator does to one field. */
import type { BsonValue } from '../bson-document.ts';
import type { ExpressionScope } from '../expression.ts';

/** The field is as it should be. */
export const unchanged: unique symbol = Symbol('unchanged');
/** The field goes; in an array its place becomes null. */
export const removed: unique symbol = Symbol('removed');
type Change = BsonValue | typeof unchanged | typeof removed;

export interface Modifier {
  /** What becomes of a value that is there. Never changes it in place. `name` is its dotted name. */
  change(value: BsonValue, name: string): Change;
  /** What stands there when nothing was; without it such a field stays missing. */
  readonly create?: () => BsonValue;
  /** True when a way that something blocks is no error either. */
  readonly ignoresBlocked?: boolean;
  /** True when it counts for what is being inserted alone. */
  readonly onInsert?: boolean;
}

/** Reads an operator's operand; `name` is that of the field, for messages. */
export type ModifierReader = (operand: BsonValue, scope: ExpressionScope, name: string) => Modifier;
