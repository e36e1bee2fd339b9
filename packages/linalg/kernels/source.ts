import { kernelModule } from './kernels.ts';

/** The text of `src/kernel-bytes.ts`. */
export function kernelSource(): string {
  const base64 = (fused: boolean) => Buffer.from(kernelModule({ fused })).toString('base64');
  return `// Built from ../kernels by \`npm run kernels -w packages/linalg\`; not to be edited.

/** The kernels with each product and each sum rounded: the same bits on every machine. */
export const steadyKernels: string =
  '${base64(false)}';

/** The kernels with products and sums fused where the processor can. */
export const fusedKernels: string =
  '${base64(true)}';
`;
}
