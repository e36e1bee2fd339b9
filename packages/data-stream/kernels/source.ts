import loadWabt from 'wabt';
import { shortTextKernel } from './short-text.ts';

/** The text of `src/text-kernel-bytes.ts`. */
export async function kernelSource(): Promise<string> {
  const wabt = await loadWabt();
  const module = wabt.parseWat('short-text.wat', shortTextKernel());
  const { buffer } = module.toBinary({});
  module.destroy();
  return `// Built from ../kernels by \`npm run kernels -w packages/data-stream\`; not to be edited.

/** The kernel that writes short texts, as a module of WebAssembly in base64. */
export const textKernelBytes: string =
  '${Buffer.from(buffer).toString('base64')}';
`;
}
