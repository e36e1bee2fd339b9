/**
 * MongoDB's wire protocol: OP_MSG, OP_COMPRESSED, and OP_QUERY with OP_REPLY for
 * the first handshake.
 */
import { asDouble } from './arithmetic.ts';
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type EncodableDocument, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { crc32c } from './crc32c.ts';
import { type Compressor, packMessage, unpackMessage } from './message-compression.ts';
import { maxMessageBytes } from './message-splitter.ts';
import { ServerError } from './server-error.ts';

const opcode = { reply: 1, query: 2004, compressed: 2012, message: 2013 } as const;
const flag = { checksum: 1, moreToCome: 2, exhaustAllowed: 1 << 16 } as const;

/** A command may be a little larger than the documents in it. */
const maxDocumentBytes = 16 * 1024 * 1024 + 16 * 1024;
const maxSequences = 2;

/** What is known of a request before its documents are read. */
export interface RequestHead {
  readonly id: number;
  readonly form: 'message' | 'query';
  /** The client wants no reply (w: 0). */
  readonly silent: boolean;
  /** The client takes more replies to this one request. */
  readonly exhaust: boolean;
  /** The reply carries a checksum, as the request did. */
  readonly checksum: boolean;
  /** The reply is packed as the request was. */
  readonly compressor: Compressor | undefined;
  /** The documents, without what stands around them. */
  readonly body: Buffer;
}

export interface Request extends RequestHead {
  /** The whole command; a document sequence stands in it as an array of documents. */
  readonly command: BsonDocument;
  /** The bytes of each document of a sequence, by the sequence's name. */
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** Reads a whole message's head; throws `ServerError` 17 or 223, after which the connection has to end. */
export function parseHead(bytes: Buffer): RequestHead {
  let message = bytes;
  let compressor: Compressor | undefined;
  if (bytes.readInt32LE(12) === opcode.compressed) {
    ({ message, compressor } = unpackMessage(bytes, maxMessageBytes));
  }
  const id = message.readInt32LE(4);
  const code = message.readInt32LE(12);
  if (code === opcode.message) return messageHead(message, id, compressor);
  if (code !== opcode.query) throw new ServerError(17, `there is no opcode ${code} here`);
  const body = message.subarray(20);
  return { id, form: 'query', silent: false, exhaust: false, checksum: false, compressor, body };
}

function messageHead(message: Buffer, id: number, compressor: Compressor | undefined): RequestHead {
  if (message.length < 20) throw new ServerError(17, 'a message without flags');
  const flags = message.readUInt32LE(16);
  if ((flags & 0xffff & ~(flag.checksum | flag.moreToCome)) !== 0) {
    throw new ServerError(223, `Message contains illegal flags value: 0b${flags.toString(2)}`);
  }
  const checksum = (flags & flag.checksum) !== 0;
  const end = message.length - (checksum ? 4 : 0);
  if (end < 20 || (checksum && crc32c(message.subarray(0, end)) !== message.readUInt32LE(end))) {
    throw new ServerError(17, 'OP_MSG checksum does not match contents');
  }
  return {
    id,
    form: 'message',
    silent: (flags & flag.moreToCome) !== 0,
    exhaust: (flags & flag.exhaustAllowed) !== 0,
    checksum,
    compressor,
    body: message.subarray(20, end),
  };
}

/** Commands that go before, or around, the agreement on a compressor. */
const neverCompressed = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'saslStart',
  'saslContinue',
  'authenticate',
]);

/** Reads the documents of a request; throws `ServerError` when they are not what the protocol says. */
export function parseRequest(head: RequestHead): Request {
  const { command, sequences } = head.form === 'message' ? readSections(head) : readQuery(head);
  const [name = ''] = command.keys();
  const compressor = neverCompressed.has(name) ? undefined : head.compressor;
  return { ...head, compressor, command, sequences };
}

type Documents = Pick<Request, 'command' | 'sequences'>;

function readSections({ body }: RequestHead): Documents {
  let command: BsonDocument | undefined;
  const sequences = new Map<string, Uint8Array[]>();
  for (let at = 0; at < body.length; ) {
    const kind = body[at];
    if (kind !== 0 && kind !== 1) throw new ServerError(40432, `Unknown section kind ${kind}`);
    const size = at + 5 <= body.length ? body.readInt32LE(at + 1) : 0;
    if (size < 5 || at + 1 + size > body.length) throw new ServerError(22, 'a section is cut off');
    if (kind === 1) {
      readSequence(body.subarray(at + 5, at + 1 + size), sequences);
    } else {
      if (command !== undefined) {
        throw new ServerError(40430, 'Multiple body sections in message');
      }
      command = readDocument(body.subarray(at + 1, at + 1 + size));
    }
    at += 1 + size;
  }
  if (command === undefined) throw new ServerError(40587, 'OP_MSG messages must have a body');
  for (const [name, documents] of sequences) {
    if (command.has(name)) {
      throw new ServerError(
        40433,
        `Duplicate field between body and document sequence ${name.slice(0, 100)}`,
      );
    }
    command.set(name, documents.map(readDocument));
  }
  return { command, sequences };
}

function readSequence(section: Buffer, sequences: Map<string, Uint8Array[]>): void {
  const nameEnd = section.indexOf(0);
  if (nameEnd < 0) throw new ServerError(22, 'a document sequence without a name');
  const name = section.toString('utf8', 0, nameEnd);
  if (sequences.has(name)) {
    throw new ServerError(40431, `Duplicate document sequence: ${name.slice(0, 100)}`);
  }
  if (sequences.size === maxSequences) {
    throw new ServerError(252, 'Too many document sequences in OP_MSG');
  }
  const documents: Uint8Array[] = [];
  for (let at = nameEnd + 1; at < section.length; ) {
    const size = at + 4 <= section.length ? section.readInt32LE(at) : 0;
    if (size < 5 || at + size > section.length) throw new ServerError(22, 'a document is cut off');
    documents.push(new Uint8Array(section.subarray(at, at + size)));
    at += size;
  }
  sequences.set(name, documents);
}

function readDocument(bytes: Uint8Array): BsonDocument {
  if (bytes.length > maxDocumentBytes) {
    throw new ServerError(
      10334,
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${maxDocumentBytes}`,
    );
  }
  return decodeDocument(bytes);
}

/** What may still be asked by OP_QUERY. */
const queryCommands = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'saslStart',
  'saslContinue',
  'buildInfo',
  'buildinfo',
  'ping',
]);

function readQuery({ body }: RequestHead): Documents {
  const nameEnd = body.indexOf(0);
  if (nameEnd < 0) throw new ServerError(22, 'a query without a namespace');
  const sent = readDocument(body.subarray(nameEnd + 9));
  const wrapped = sent.get('$query');
  const command = isDocument(wrapped) ? wrapped : sent;
  const namespace = body.toString('utf8', 0, nameEnd);
  const [name = ''] = command.keys();
  if (!namespace.endsWith('.$cmd') || !queryCommands.has(name)) {
    throw new ServerError(
      352,
      `Unsupported OP_QUERY command: ${name.slice(0, 100)}. The client driver may require an upgrade.`,
    );
  }
  command.set('$db', namespace.split('.')[0]);
  return { command, sequences: new Map() };
}

let nextId = 1;

/** The reply to a request in the form it came in; `more` promises another one behind it. */
export function encodeReply(head: RequestHead, reply: EncodableDocument, more = false): Buffer {
  // A double, as clients with types expect it.
  const document = encodeDocument({ ...reply, ok: asDouble(Number(reply.ok)) });
  const flags = (more ? flag.moreToCome : 0) | (head.checksum ? flag.checksum : 0);
  const message =
    head.form === 'query'
      ? encodeQueryReply(document, head.id)
      : encodeMessage(document, head.id, flags);
  return head.compressor === undefined
    ? message
    : packMessage(message, head.compressor, opcode.compressed);
}

function encodeQueryReply(document: Uint8Array, answers: number): Buffer {
  const head = Buffer.alloc(36);
  writeHeader(head, 36 + document.length, answers, opcode.reply);
  head.writeInt32LE(8, 16);
  head.writeInt32LE(1, 32);
  return Buffer.concat([head, document]);
}

/** A command as a member sends it to another; returns its id, by which the reply is known. */
export function encodeRequest(command: EncodableDocument): { id: number; bytes: Buffer } {
  const bytes = encodeMessage(encodeDocument(command), 0, 0);
  return { id: bytes.readInt32LE(4), bytes };
}

function encodeMessage(document: Uint8Array, answers: number, flags: number): Buffer {
  const end = 21 + document.length;
  const message = Buffer.allocUnsafe(end + (flags & flag.checksum ? 4 : 0));
  writeHeader(message, message.length, answers, opcode.message);
  message.writeUInt32LE(flags, 16);
  message[20] = 0;
  message.set(document, 21);
  if (flags & flag.checksum) message.writeUInt32LE(crc32c(message.subarray(0, end)), end);
  return message;
}

function writeHeader(head: Buffer, size: number, answers: number, code: number): void {
  head.writeInt32LE(size, 0);
  head.writeInt32LE(nextId, 4);
  head.writeInt32LE(answers, 8);
  head.writeInt32LE(code, 12);
  nextId = (nextId + 1) & 0x7fffffff;
}
