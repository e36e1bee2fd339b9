import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Binary } from 'bson';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ballot } from '../src/ballot.ts';
import { decodeDocument } from '../src/bson-decoder.ts';
import type { EncodableDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { DatabaseFile } from '../src/database-file.ts';
import { Faults, noFaults } from '../src/faults.ts';
import { FullCopy } from '../src/full-copy.ts';
import { found, readMembership } from '../src/membership.ts';
import { type OtherMember, Standing } from '../src/standing.ts';

let folder: string;
let primary: DatabaseFile;
let own: DatabaseFile;
let standing: Standing;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replica-set-ballot-'));
  primary = new DatabaseFile(join(folder, 'primary.sqlite'), { durable: false });
  found(primary, 3);
  new Ballot(primary).enter(9, 1);
  own = new DatabaseFile(join(folder, 'own.sqlite'), { durable: false });
});

afterEach(() => {
  standing.stop();
  primary.close();
  own.close();
  rmSync(folder, { recursive: true, force: true });
});

function join3(blank: boolean): void {
  const config = {
    index: 0,
    setName: 'rs',
    host: '127.0.0.1',
    port: 0,
    file: own.path,
    durable: false,
    electionTimeoutMS: 1000,
    logBytes: 2 ** 20,
    secret: '',
    user: undefined,
  };
  standing = new Standing(
    config,
    own,
    () => {},
    () => {},
  );
  const addresses = [0, 1, 2].map((index) => ({ index, host: '127.0.0.1', port: 1 }));
  standing.join(addresses, '', { blank, faults: new Faults(noFaults) });
}

/** Takes a copy of the primary's file, as if that was member 1. */
async function copy(current: () => boolean = () => true): Promise<void> {
  const bytes = primary.holdStill();
  const answer = async ({ id, offset }: EncodableDocument): Promise<EncodableDocument> =>
    id === undefined
      ? { ok: 1, id: 1, bytes }
      : { ok: 1, piece: new Binary(await primary.readAt(Number(offset), 5000)) };
  const source = {
    address: { index: 1 },
    logLine: {
      request: async (question: EncodableDocument) =>
        decodeDocument(encodeDocument(await answer(question))),
    },
  };
  const fullCopy = new FullCopy(standing, own, () => {});
  await fullCopy.take(source as unknown as OtherMember, current, () => {});
}

const written = () => {
  const { term, votedFor } = new Ballot(own);
  return { term, votedFor };
};

test('a member keeps its own term and vote when it takes a copy', async () => {
  found(own, 3);
  join3(false);
  standing.vote(10, 2);
  await copy();
  expect(written()).toEqual({ term: 10, votedFor: 2 });
  expect(standing).toMatchObject({ term: 10, votedFor: 2, recovering: false });
});

test('a member that lost its file has voted for the primary, as far as it can know', async () => {
  join3(true);
  standing.becomeSecondary(12, 1);
  expect(readMembership(own).stage).toBe('new');
  await copy();
  expect(readMembership(own)).toEqual({ stage: 'begun', members: 3 });
  expect(written()).toEqual({ term: 12, votedFor: 1 });
  expect(standing).toMatchObject({ term: 12, votedFor: 1, blank: false, recovering: false });
});

test('a copy that is of no more use is not taken', async () => {
  join3(true);
  standing.becomeSecondary(12, 1);
  let asked = 0;
  await copy(() => ++asked < 4);
  expect(readMembership(own).stage).toBe('new');
  expect(standing).toMatchObject({ blank: true, recovering: true });
});
