/** Collections in memory, and pipelines over them without a server. */

import { aggregate } from '../src/aggregation.ts';
import { decodeDocument } from '../src/bson-decoder.ts';
import {
  type BsonDocument,
  type BsonValue,
  documentToObject,
  type EncodableDocument,
} from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Catalog, createOperation } from '../src/catalog.ts';
import type { CommandContext } from '../src/command.ts';
import { DatabaseFile } from '../src/database-file.ts';
import { withoutPauses } from '../src/pause.ts';
import { compilePipeline } from '../src/pipeline.ts';

export const bson = (plain: EncodableDocument): BsonDocument =>
  decodeDocument(encodeDocument(plain));

export class PipelineData {
  readonly #file = new DatabaseFile(':memory:', { durable: false });
  readonly #catalog = new Catalog(this.#file);

  /** Makes collections of the database `db`, of documents that are given whole. */
  constructor(collections: Readonly<Record<string, readonly EncodableDocument[]>> = {}) {
    for (const [name, documents] of Object.entries(collections)) {
      this.insert(name, documents.map(bson));
    }
  }

  insert(name: string, documents: readonly BsonDocument[]): void {
    const collection = this.#catalog.get(`db.${name}`) ?? this.#create(name, {});
    for (const document of documents) collection.insert(encodeDocument(document));
  }

  view(name: string, on: string, pipeline: EncodableDocument[]): void {
    this.#create(name, { viewOn: on, pipeline });
  }

  index(
    name: string,
    key: EncodableDocument | BsonDocument,
    options: EncodableDocument = {},
  ): void {
    const spec = encodeDocument({
      key,
      name: JSON.stringify([...Object.entries(key)]),
      ...options,
    });
    this.#catalog.get(`db.${name}`)?.addIndex(spec);
  }

  /** What a pipeline over a collection gives. */
  run(
    name: string,
    stages: readonly BsonValue[],
    options: Readonly<Record<string, BsonValue>> = {},
  ): BsonDocument[] {
    const command = new Map<string, BsonValue>(Object.entries({ aggregate: name, ...options }));
    const pipeline = compilePipeline(stages, { database: 'db' });
    const context = this.#context(command);
    return [...withoutPauses(aggregate(context, `db.${name}`, pipeline, command.get('hint')))];
  }

  /** The same, for plain stages and results. */
  aggregate(name: string, stages: readonly EncodableDocument[]): unknown[] {
    return this.run(name, stages.map(bson)).map(documentToObject);
  }

  close(): void {
    this.#file.close();
  }

  #create(name: string, options: EncodableDocument) {
    const namespace = `db.${name}`;
    this.#catalog.apply(createOperation(namespace, encodeDocument(options)), 1);
    const collection = this.#catalog.get(namespace);
    if (collection === undefined) throw new Error(`${namespace} was not made`);
    return collection;
  }

  #context(command: BsonDocument): CommandContext {
    const catalog = this.#catalog;
    const state = {
      file: this.#file,
      catalog,
      addresses: [{ index: 0, host: 'localhost', port: 27017 }],
      config: { index: 0 },
      startedAt: new Date(0),
      sessions: { keys: () => [] },
      running: { all: () => [], usage: new Map() },
    };
    return {
      state: state as unknown as CommandContext['state'],
      store: {
        collection: (namespace: string) => catalog.get(namespace),
      } as CommandContext['store'],
      session: {} as CommandContext['session'],
      name: 'aggregate',
      database: 'db',
      command,
      sequences: new Map(),
      now: new Date(0),
    };
  }
}

/** The code of the error that a function ends in. */
export function codeOf(work: () => unknown): number | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { code?: number }).code;
  }
}
