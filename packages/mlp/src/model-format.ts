import { crc32 } from './crc32.ts';
import type { FloatX } from './float-array.ts';
import { describeLayer, type LayerDescription, layerFrom } from './layer-kinds.ts';
import { MLP } from './mlp.ts';
import { MlpError } from './mlp-error.ts';
import type { Experience } from './monitor.ts';

const magic = 'HOLDMLP\n';
const version = 1;

/** Why a model was refused. Codes are stable; messages may be reworded. */
export type ModelFormatCode = 'no-model' | 'newer-version' | 'damaged';

/** Bytes that are not a whole model of a known version. */
export class ModelFormatError extends MlpError {
  override readonly name = 'ModelFormatError';
  readonly code: ModelFormatCode;

  constructor(code: ModelFormatCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface Header {
  readonly version: number;
  readonly floatX: FloatX;
  readonly nvis: number;
  readonly layers: readonly LayerDescription[];
  readonly parameters: readonly { readonly name: string; readonly length: number }[];
  readonly tag: MLP['tag'];
  readonly monitor: Experience & { readonly channels: Readonly<Record<string, number | null>> };
}

/**
 * A net as bytes, by which `decodeModel` makes it again to the last bit.
 *
 * All numbers are little-endian. 8 bytes `HOLDMLP\n`; u32 length of the header; the header in JSON,
 * UTF-8, followed by blanks up to a place that 8 divides; the parameters in their order, f64 or f32 as
 * `floatX` says; u32 CRC-32 of all before. The header has `version` (1), `floatX`, `nvis`, `layers`
 * (kind and options), `parameters` (name and length), `tag`, and `monitor` (what the net has seen, and
 * the last value of each channel, null for one that is not finite).
 */
export function encodeModel(model: MLP): Uint8Array {
  const { floatX, nvis, parameters, tag, monitor } = model;
  const { epochsSeen, batchesSeen, examplesSeen } = monitor;
  const channels = Object.fromEntries(
    Object.entries(monitor.channels).map(([name, { valRecord }]) => {
      const last = valRecord.at(-1) ?? Number.NaN;
      return [name, Number.isFinite(last) ? last : null];
    }),
  );
  const header: Header = {
    ...{ version, floatX, nvis, tag },
    layers: model.layers.map(describeLayer),
    parameters: parameters.map(({ name, values }) => ({ name, length: values.length })),
    monitor: { epochsSeen, batchesSeen, examplesSeen, channels },
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const dataAt = Math.ceil((12 + text.length) / 8) * 8;
  const width = floatX === 'float32' ? 4 : 8;
  const count = parameters.reduce((sum, { values }) => sum + values.length, 0);
  const bytes = new Uint8Array(dataAt + count * width + 4).fill(0x20, 12, dataAt);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(magic));
  view.setUint32(8, dataAt - 12, true);
  bytes.set(text, 12);
  let at = dataAt;
  for (const { values } of parameters) {
    for (const value of values) {
      if (width === 4) view.setFloat32(at, value, true);
      else view.setFloat64(at, value, true);
      at += width;
    }
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)), true);
  return bytes;
}

/**
 * The net that `encodeModel` made bytes of, ready to answer or to learn on.
 *
 * Its monitor knows what the net has seen and the last value of each channel.
 *
 * @throws {ModelFormatError} when the bytes are no model, of a later version, or damaged
 */
export function decodeModel(bytes: Uint8Array): MLP {
  if (bytes.length < 16 || new TextDecoder('latin1').decode(bytes.subarray(0, 8)) !== magic) {
    throw new ModelFormatError('no-model', 'these bytes are no model: they do not begin as one');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 4;
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) {
    throw damaged('its checksum is wrong; it was cut short or changed');
  }
  const dataAt = 12 + view.getUint32(8, true);
  if (dataAt > end) throw damaged('its header ends after its last byte');
  const header = headerOf(bytes.subarray(12, dataAt));
  const model = modelFrom(header);
  const width = header.floatX === 'float32' ? 4 : 8;
  const count = model.parameters.reduce((sum, { values }) => sum + values.length, 0);
  if (dataAt + count * width !== end) {
    throw damaged(`it has ${end - dataAt} bytes of weights where its layers need ${count * width}`);
  }
  let at = dataAt;
  for (const { values } of model.parameters) {
    for (let i = 0; i < values.length; i++) {
      values[i] = width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
      at += width;
    }
  }
  return model;
}

/** A net of its own that answers as this one does now. */
export function copyModel(model: MLP): MLP {
  return decodeModel(encodeModel(model));
}

function headerOf(bytes: Uint8Array): Header {
  let header: Partial<Header>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw damaged('its header is no JSON', cause);
  }
  if (typeof header.version === 'number' && header.version > version) {
    throw new ModelFormatError(
      'newer-version',
      `the model is of version ${header.version}; this program reads versions up to ${version}`,
    );
  }
  return header as Header;
}

function modelFrom(header: Header): MLP {
  const { floatX, nvis, layers, tag, monitor } = header;
  try {
    const model = new MLP({ layers: layers.map(layerFrom), nvis, floatX });
    Object.assign(model.tag, tag);
    model.restoreExperience(monitor, monitor.channels);
    return model;
  } catch (cause) {
    throw damaged('its header describes no net', cause);
  }
}

function damaged(what: string, cause?: unknown): ModelFormatError {
  return new ModelFormatError('damaged', `the model is damaged: ${what}`, { cause });
}
