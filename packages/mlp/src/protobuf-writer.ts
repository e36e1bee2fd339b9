/** Writes Protocol Buffers' wire format, as far as ONNX needs it: fields in the order of the calls. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number of at least 0: int32, int64, enum. */
  varint(field: number, value: number): this {
    return this.#key(field, 0).#varint(value);
  }

  /** A float. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#key(field, 5).#raw(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Bytes, or a message that is already written. */
  bytes(field: number, value: Uint8Array): this {
    return this.#key(field, 2).#varint(value.length).#raw(value);
  }

  /** A message within this one. */
  message(field: number, write: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter();
    write(message);
    return this.bytes(field, message.finish());
  }

  finish(): Uint8Array {
    const all = new Uint8Array(this.#parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #key(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  #varint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 0x7f) {
      bytes.push((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
    return this.#raw(Uint8Array.from(bytes));
  }

  #raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }
}
