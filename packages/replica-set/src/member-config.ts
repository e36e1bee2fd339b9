import type { MemberOptions, TagCounts } from './member-settings.ts';

/** What a member is told when it starts. */
export interface MemberConfig {
  readonly index: number;
  readonly setName: string;
  readonly host: string;
  /** 0 lets the system choose; the member tells which it got. */
  readonly port: number;
  readonly file: string;
  /** False for data that need not outlive the machine. */
  readonly durable: boolean;
  readonly electionTimeoutMS: number;
  /** How large the log may grow. */
  readonly logBytes: number;
  /** What members show each other to be let in. */
  readonly secret: string;
  /** Custom write concerns by name. */
  readonly writeConcernModes?: Readonly<Record<string, TagCounts>>;
  /** Decides what the member leaves to chance, together with `run`. */
  readonly seed?: number | undefined;
  /** How often the member was started before. */
  readonly run?: number;
  readonly user: { readonly name: string; readonly password: string } | undefined;
}

export interface MemberAddress {
  readonly index: number;
  readonly host: string;
  readonly port: number;
  readonly options?: MemberOptions;
}

/** The connection string of a set; it holds the password, if there is a user. */
export function uriOf(members: readonly MemberConfig[]): string {
  const { user, setName = '' } = members[0] ?? {};
  const login = user
    ? `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`
    : '';
  const source = user ? '&authSource=admin' : '';
  const hosts = members.map(hostOf).join(',');
  return `mongodb://${login}${hosts}/?replicaSet=${encodeURIComponent(setName)}${source}`;
}

export function hostOf({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
