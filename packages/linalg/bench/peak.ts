import { element } from '../kernels/element.ts';
import { ModuleBuilder } from '../kernels/module-builder.ts';
import { constant, splat } from '../kernels/value.ts';
import type { ElementName } from '../src/index.ts';
import { KernelMemory } from '../src/kernel-memory.ts';
import { webAssembly } from '../src/web-assembly.ts';

// As many as keep both multipliers busy, and the registers hold.
const vectors = 12;
const rounds = 100_000;

/** Floating-point operations of the work that `peak` gives. */
export function peakOperations(name: ElementName): number {
  return rounds * vectors * element(name, true).lanes * 2;
}

/**
 * Work that never leaves the registers, vectors times a number plus another one, again and again:
 * what no kernel of 128-bit vectors can exceed.
 */
export function peak(name: ElementName, fused: boolean): () => void {
  if (webAssembly === undefined) throw new Error('this bench needs WebAssembly');
  const e = element(name, fused);
  const module = new ModuleBuilder();
  module.define(`${name}Peak`, { rounds: 'i32' }, undefined, (f, p) => {
    const [factor, term] = [f.let(splat(e.vector, 0.5)), f.let(splat(e.vector, 1))];
    const values = Array.from({ length: vectors }, () => f.local(e.vector, 1));
    f.count(0, p.rounds, 1, () => {
      for (const value of values) f.set(value, e.madd(value, factor, term));
    });
    for (const [i, value] of values.entries()) f.store(constant('i32', 16), value, i * 16);
  });
  const compiled = new webAssembly.Module(module.bytes());
  const run = new KernelMemory({ api: webAssembly, module: compiled }).kernel(name, 'Peak');
  return () => run(rounds);
}
