/**
 * What the system said when it refused a file or a folder, in words; undefined when the error is
 * none of the system's.
 */
export function systemFault(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined;
  const code = String(error.code);
  return faults[code] ?? `the system refuses it (${code})`;
}

const faults: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EEXIST: 'this is a file, not a folder',
  EISDIR: 'this is a folder, not a file',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of this path is a file, not a folder',
  EPERM: 'this user has no permission',
  EROFS: 'this can only be read, not written',
};
