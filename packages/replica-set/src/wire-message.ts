/** MongoDB's wire protocol: OP_MSG, and OP_QUERY with OP_REPLY for the first handshake. */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument, EncodableDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { ServerError } from './server-error.ts';

const opcode = { reply: 1, query: 2004, message: 2013 } as const;
const flag = { checksum: 1, moreToCome: 2, exhaustAllowed: 1 << 16 } as const;

const maxMessageBytes = 48_000_000;

export interface Request {
  readonly id: number;
  /** The whole command; a document sequence stands in it as an array of documents. */
  readonly command: BsonDocument;
  /** The bytes of each document of a sequence, by the sequence's name. */
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly form: 'message' | 'query';
  /** The client wants no reply (w: 0). */
  readonly silent: boolean;
  /** The client takes more replies to this one request. */
  readonly exhaust: boolean;
}

export function parseRequest(bytes: Buffer): Request {
  const id = bytes.readInt32LE(4);
  const code = bytes.readInt32LE(12);
  if (code === opcode.message) return parseMessage(bytes, id);
  if (code === opcode.query) return parseQuery(bytes, id);
  throw new ServerError(352, `Unsupported OP code: ${code}`);
}

function parseMessage(bytes: Buffer, id: number): Request {
  const flags = bytes.readUInt32LE(16);
  const end = bytes.length - (flags & flag.checksum ? 4 : 0);
  let command: BsonDocument | undefined;
  const sequences = new Map<string, Uint8Array[]>();
  for (let at = 20; at < end; ) {
    const kind = bytes[at];
    const size = bytes.readInt32LE(at + 1);
    if (size < 5 || at + 1 + size > end) throw new ServerError(9, 'a section is cut off');
    if (kind === 0) command = decodeDocument(bytes, at + 1);
    else if (kind === 1) parseSequence(bytes.subarray(at + 5, at + 1 + size), sequences);
    else throw new ServerError(40432, `Unknown section kind ${kind}`);
    at += 1 + size;
  }
  if (command === undefined) throw new ServerError(40587, 'OP_MSG messages must have a body');
  for (const [name, documents] of sequences) {
    command.set(
      name,
      documents.map((document) => decodeDocument(document)),
    );
  }
  return {
    id,
    command,
    sequences,
    form: 'message',
    silent: (flags & flag.moreToCome) !== 0,
    exhaust: (flags & flag.exhaustAllowed) !== 0,
  };
}

function parseSequence(section: Buffer, sequences: Map<string, Uint8Array[]>): void {
  const nameEnd = section.indexOf(0);
  const documents: Uint8Array[] = [];
  for (let at = nameEnd + 1; at < section.length; ) {
    const size = at + 4 <= section.length ? section.readInt32LE(at) : 0;
    if (size < 5 || at + size > section.length) throw new ServerError(9, 'a document is cut off');
    documents.push(new Uint8Array(section.subarray(at, at + size)));
    at += size;
  }
  sequences.set(section.toString('utf8', 0, nameEnd), documents);
}

function parseQuery(bytes: Buffer, id: number): Request {
  const nameEnd = bytes.indexOf(0, 20);
  const namespace = bytes.toString('utf8', 20, nameEnd);
  const command = decodeDocument(bytes, nameEnd + 9);
  command.set('$db', namespace.split('.')[0]);
  return { id, command, sequences: new Map(), form: 'query', silent: false, exhaust: false };
}

let nextId = 1;

/** The reply to `request` in the form it came in; `more` promises another one behind it. */
export function encodeReply(request: Request, reply: EncodableDocument, more = false): Buffer {
  const document = encodeDocument(reply);
  if (request.form === 'query') {
    const head = Buffer.alloc(36);
    writeHeader(head, 36 + document.length, request.id, opcode.reply);
    head.writeInt32LE(8, 16);
    head.writeInt32LE(1, 32);
    return Buffer.concat([head, document]);
  }
  return encodeMessage(document, request.id, more ? flag.moreToCome : 0);
}

/** A command as a member sends it to another; returns its id, by which the reply is known. */
export function encodeRequest(command: EncodableDocument): { id: number; bytes: Buffer } {
  const bytes = encodeMessage(encodeDocument(command), 0, 0);
  return { id: bytes.readInt32LE(4), bytes };
}

function encodeMessage(document: Uint8Array, answers: number, flags: number): Buffer {
  const message = Buffer.allocUnsafe(21 + document.length);
  writeHeader(message, message.length, answers, opcode.message);
  message.writeUInt32LE(flags, 16);
  message[20] = 0;
  message.set(document, 21);
  return message;
}

function writeHeader(head: Buffer, size: number, answers: number, code: number): void {
  head.writeInt32LE(size, 0);
  head.writeInt32LE(nextId, 4);
  head.writeInt32LE(answers, 8);
  head.writeInt32LE(code, 12);
  nextId = (nextId + 1) & 0x7fffffff;
}

/** Cuts a byte stream into whole messages, holding no more than one unfinished message. */
export class MessageSplitter {
  #chunks: Buffer[] = [];
  #size = 0;

  /** Takes the next bytes and returns the messages they complete; throws 9 when a length is impossible. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      const wanted = this.#wanted();
      if (wanted === undefined || this.#size < wanted) return messages;
      const joined = this.#joined();
      messages.push(joined.subarray(0, wanted));
      this.#chunks = joined.length > wanted ? [joined.subarray(wanted)] : [];
      this.#size = joined.length - wanted;
    }
  }

  #wanted(): number | undefined {
    if (this.#size < 4) return undefined;
    const [first] = this.#chunks;
    const head = first !== undefined && first.length >= 4 ? first : this.#joined();
    const size = head.readInt32LE(0);
    if (size < 16 || size > maxMessageBytes) {
      throw new ServerError(9, `a message cannot have ${size} bytes`);
    }
    return size;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    const joined = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
