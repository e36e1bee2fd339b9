import {
  type AnyBulkWriteOperation,
  BatchType,
  type BulkOperationBase,
  type BulkWriteOptions,
  type BulkWriteResult,
  type Document,
  MongoBatchReExecutionError,
} from 'mongodb';

/**
 * Lets a bulk that is built step by step (`initializeOrderedBulkOp()`) be executed by `send`, which
 * gets its operations in the order of the calls; returns the same bulk.
 */
export function protectBulkBuilder<B extends BulkOperationBase>(
  bulk: B,
  send: (
    operations: AnyBulkWriteOperation[],
    options: BulkWriteOptions,
    plainly: () => Promise<BulkWriteResult>,
  ) => Promise<BulkWriteResult>,
): B {
  const plainly = bulk.execute.bind(bulk);
  let isExecuted = false;
  const execute = async (options: BulkWriteOptions = {}): Promise<BulkWriteResult> => {
    if (isExecuted) throw new MongoBatchReExecutionError();
    isExecuted = true;
    return send(operationsOf(bulk), options, () => plainly(options));
  };
  Object.defineProperty(bulk, 'execute', { value: execute, writable: true, configurable: true });
  return bulk;
}

function operationsOf({ batches }: BulkOperationBase): AnyBulkWriteOperation[] {
  const operations: AnyBulkWriteOperation[] = [];
  for (const { batchType, originalIndexes, operations: statements } of batches) {
    for (const [index, statement] of statements.entries()) {
      operations[originalIndexes[index] ?? index] = operationOf(batchType, statement as Document);
    }
  }
  return operations;
}

function operationOf(batchType: BatchType, statement: Document): AnyBulkWriteOperation {
  if (batchType === BatchType.INSERT) return { insertOne: { document: statement } };
  if (batchType === BatchType.DELETE) {
    const { q: filter, limit, ...rest } = statement;
    return limit === 1 ? { deleteOne: { filter, ...rest } } : { deleteMany: { filter, ...rest } };
  }
  const { q: filter, u: update, multi, ...rest } = statement;
  if (multi === true) return { updateMany: { filter, update, ...rest } };
  return isReplacement(update)
    ? { replaceOne: { filter, replacement: update, ...rest } }
    : { updateOne: { filter, update, ...rest } };
}

function isReplacement(update: Document): boolean {
  return !Array.isArray(update) && !Object.keys(update)[0]?.startsWith('$');
}
