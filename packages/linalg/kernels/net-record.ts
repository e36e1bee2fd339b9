/** Reading the records of nets and layers, which `src/wasm-net.ts` lays out. */
import { layerRecord, netRecord } from '../src/kernel-layout.ts';
import type { Element } from './element.ts';
import type { FunctionBuilder, Local } from './function-builder.ts';
import { convert, load, ne, sub, type Value } from './value.ts';

/** A field of a layer. */
export type LayerField = keyof typeof layerRecord;

/** An address or a number of a net. */
export function netField(net: Value, field: keyof typeof netRecord): Value {
  return load('i32', net, netRecord[field]);
}

/** A number of a net, in f64. */
export function netNumber(net: Value, field: keyof typeof netRecord): Value {
  return load('f64', net, netRecord[field]);
}

/** An address or a size of a layer. */
export function layerField(layer: Value, field: LayerField): Value {
  return load('i32', layer, layerRecord[field]);
}

/** A number of a layer, in the precision of the net. */
export function layerNumber(e: Element, layer: Value, field: LayerField): Value {
  return convert(e.scalar, load('f64', layer, layerRecord[field]));
}

/** Where the inputs of a layer lie: the outputs of the one before, or what the net is given. */
export function inputsOf(f: FunctionBuilder, layer: Value, first: Value, given: Value): Local {
  const from = f.local('i32', given);
  const before = sub(layer, layerRecord.bytes);
  f.if(ne(layer, first), () => f.set(from, layerField(before, 'output')));
  return from;
}
