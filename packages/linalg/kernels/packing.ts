import type { Element } from './element.ts';
import type { Kernel, ModuleBuilder } from './module-builder.ts';
import { add, constant, eq, load, lt, mul, splat, type Value } from './value.ts';

/**
 * Copies up to `width` lines, each of `steps` numbers, into a panel: step by step, the numbers of
 * all lines side by side, missing lines as 0. Each is multiplied by `sign`.
 *
 * Number l of line i lies at source + i · lineStride + l · stepStride; strides are in bytes, so a
 * transposed matrix is the same matrix with its strides exchanged.
 */
export function definePacking(
  module: ModuleBuilder,
  e: Element,
  kernelName: string,
  width: number,
): Kernel {
  const parameters = {
    panel: 'i32',
    source: 'i32',
    lineStride: 'i32',
    stepStride: 'i32',
    lines: 'i32',
    steps: 'i32',
    sign: e.scalar,
  } as const;
  return module.define(`${e.name}${kernelName}`, parameters, undefined, (f, p) => {
    const { panel, source, lineStride, stepStride, lines, steps, sign } = p;
    const next = () => {
      f.step(panel, width * e.size);
      f.step(source, stepStride);
    };
    const copy = (from: Value, to: number, offset = 0) =>
      f.store(panel, mul(load(e.scalar, from, offset), sign), to * e.size);

    f.if(eq(lines, width), () => {
      f.if(
        eq(lineStride, e.size),
        () => {
          const whole = width - (width % e.lanes);
          const signs = f.let(splat(e.vector, sign));
          f.count(0, steps, 1, () => {
            for (let i = 0; i < whole; i += e.lanes) {
              const lanes = load(e.vector, source, i * e.size);
              f.store(panel, mul(lanes, signs), i * e.size);
            }
            for (let i = whole; i < width; i++) copy(source, i, i * e.size);
            next();
          });
        },
        () => {
          const offsets = Array.from({ length: width }, (_, i) => f.let(mul(lineStride, i)));
          f.count(0, steps, 1, () => {
            for (const [i, offset] of offsets.entries()) copy(add(source, offset), i);
            next();
          });
        },
      );
      f.return();
    });

    f.count(0, steps, 1, () => {
      const line = f.local('i32', source);
      for (let i = 0; i < width; i++) {
        f.if(
          lt(constant('i32', i), lines),
          () => copy(line, i),
          () => f.store(panel, constant(e.scalar, 0), i * e.size),
        );
        f.step(line, lineStride);
      }
      next();
    });
  });
}
