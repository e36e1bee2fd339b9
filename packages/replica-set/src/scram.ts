/** The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677). */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServerError } from './server-error.ts';

/** What is kept of a password. */
export interface Credential {
  readonly name: string;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();

export function credentialOf(name: string, password: string): Credential {
  const salt = randomBytes(28);
  const iterations = 15_000;
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
  return { name, salt, iterations, storedKey, serverKey: hmac(salted, 'Server Key') };
}

/** One conversation: the client's first message, then its proof. */
export class Scram {
  readonly #credential: Credential;
  readonly #nonce: string;
  readonly #firstBare: string;
  readonly #serverFirst: string;

  constructor(credential: Credential, clientFirst: string) {
    const [, , ...bare] = clientFirst.split(',');
    const fields = fieldsOf(bare.join(','));
    const name = (fields.get('n') ?? '').replaceAll('=2C', ',').replaceAll('=3D', '=');
    const clientNonce = fields.get('r') ?? '';
    if (name !== credential.name || clientNonce === '') throw authenticationFailed();
    this.#credential = credential;
    this.#firstBare = bare.join(',');
    this.#nonce = clientNonce + randomBytes(24).toString('base64');
    const { salt, iterations } = credential;
    this.#serverFirst = `r=${this.#nonce},s=${salt.toString('base64')},i=${iterations}`;
  }

  get serverFirst(): string {
    return this.#serverFirst;
  }

  /** Checks the client's proof and returns the server's; throws 18 when the proof is wrong. */
  finish(clientFinal: string): string {
    const withoutProof = clientFinal.slice(0, clientFinal.lastIndexOf(',p='));
    const fields = fieldsOf(clientFinal);
    const proof = Buffer.from(fields.get('p') ?? '', 'base64');
    const { storedKey, serverKey } = this.#credential;
    const message = `${this.#firstBare},${this.#serverFirst},${withoutProof}`;
    const signature = hmac(storedKey, message);
    if (fields.get('r') !== this.#nonce || proof.length !== signature.length) {
      throw authenticationFailed();
    }
    const clientKey = Buffer.from(proof.map((byte, at) => byte ^ (signature[at] ?? 0)));
    const shown = createHash('sha256').update(clientKey).digest();
    if (!timingSafeEqual(shown, storedKey)) throw authenticationFailed();
    return `v=${hmac(serverKey, message).toString('base64')}`;
  }
}

export function authenticationFailed(): ServerError {
  return new ServerError(18, 'Authentication failed.');
}

function fieldsOf(text: string): Map<string, string> {
  return new Map(text.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}
