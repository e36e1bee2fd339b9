/** The bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The bytes that hexadecimal digits spell; spaces are skipped. */
export function unhex(digits: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
}

/** A text as `u` and four digits a UTF-16 unit, so that lone surrogates can be compared. */
export function units(text: string): string {
  let digits = 'u';
  for (let i = 0; i < text.length; i++) digits += text.charCodeAt(i).toString(16).padStart(4, '0');
  return digits;
}
