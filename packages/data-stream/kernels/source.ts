import { compile } from 'watr';
import { textKernel } from './text-kernel.ts';

/** The text of `src/text-kernel-bytes.ts`. */
export function kernelSource(): string {
  const bytes = Buffer.from(compile(textKernel())).toString('base64');
  return `// Built from ../kernels by \`npm run kernels -w packages/data-stream\`; not to be edited.

/** The kernel that writes and reads short texts, as a module of WebAssembly in base64. */
export const textKernelBytes: string =
  '${bytes}';
`;
}
