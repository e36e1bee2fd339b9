/** What members tell each other of themselves with every heartbeat and its answer. */
import { Timestamp } from 'bson';
import type { BsonDocument, EncodableDocument } from './bson-document.ts';
import { timeOf, timestampOf } from './cluster-time.ts';
import type { LogEnd, LogTime } from './operation.ts';
import type { OtherMember, Standing } from './standing.ts';

/** What only the member's own election knows. */
interface Candidacy {
  readonly stands: boolean;
  readonly rests: boolean;
  readonly electedOn: LogTime | undefined;
}

/** What a member tells of itself whose log is on its disk up to `durable`. */
export function greetingOf(
  { term, role, blank, recovering, leader }: Standing,
  durable: LogEnd,
  { stands, rests, electedOn }: Candidacy,
): EncodableDocument {
  const { position, term: lastTerm, seconds, increment } = durable;
  return {
    ...{ term, role, blank, recovering, stands, rests },
    ...{ position, lastTerm, seconds, increment },
    ...(role !== 'primary' && leader !== undefined && { follows: leader }),
    ...(electedOn && { elected: timestampOf(electedOn) }),
  };
}

/** Notes what another member has told. */
export function noteGreeting(other: OtherMember, said: BsonDocument): void {
  const number = (name: string) => Number(said.get(name));
  const flag = (name: string) => said.get(name) === true;
  other.role = said.get('role') === 'primary' ? 'primary' : 'secondary';
  other.blank = flag('blank');
  // What it acknowledged it has forgotten.
  if (other.blank) other.matched = 0;
  other.recovering = flag('recovering');
  other.stands = flag('stands');
  other.rests = flag('rests');
  other.end = {
    position: number('position'),
    term: number('lastTerm'),
    seconds: number('seconds'),
    increment: number('increment'),
  };
  const elected = said.get('elected');
  other.electedOn = elected instanceof Timestamp ? timeOf(elected) : undefined;
  other.follows = said.has('follows') ? number('follows') : undefined;
}
