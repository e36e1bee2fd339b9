import { defineDirectProduct } from './direct-product.ts';
import { defineEigen } from './eigen.ts';
import { element } from './element.ts';
import { ModuleBuilder } from './module-builder.ts';
import { defineNet } from './net.ts';
import { defineProduct } from './product.ts';
import { defineTriangular } from './triangular.ts';
import { defineVectorProduct } from './vector-product.ts';

/** The module of all kernels, f32 and f64, in WebAssembly's binary format. */
export function kernelModule({ fused }: { readonly fused: boolean }): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  for (const name of ['f32', 'f64'] as const) {
    const e = element(name, fused);
    const product = defineProduct(module, e);
    const direct = defineDirectProduct(module, e);
    defineVectorProduct(module, e);
    defineNet(module, e, { product, direct });
    defineTriangular(module, e);
    defineEigen(module, e);
  }
  return module.bytes();
}
