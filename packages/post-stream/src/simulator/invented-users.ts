import type { Temperament } from './phrases.ts';
import { SeededRandom } from './seeded-random.ts';

/** Somebody who does not exist. */
export interface InventedUser {
  readonly id: string;
  readonly name: string;
  /** Longer than the 15 characters the service allowed, so that it can be nobody's. */
  readonly handle: string;
  readonly temperament: Temperament;
  /** Which of the travellers' languages; for the others of no meaning. */
  readonly tongue: number;
  readonly location: string;
  readonly followers: number;
  /** ms since 1970. */
  readonly joinedAt: number;
}

const usersEach = 5;

const callings: Readonly<Record<Temperament, string>> = {
  administrator: 'keeps servers up',
  barista: 'pulls shots, reviews them',
  'cashtag-spammer': 'signals, signals, signals',
  'day-trader': 'in and out by four',
  developer: 'writes code, reads logs',
  'dividend-saver': 'slow money',
  'fab-watcher': 'counts factories',
  gamer: 'one more round',
  photographer: 'light, mostly',
  teacher: 'chalk and tablets',
  tinkerer: 'opens things up',
  traveller: 'somewhere else',
};

const beginnings = ['Mir', 'Tav', 'Ondr', 'Jask', 'Lum', 'Pell', 'Quor', 'Sav', 'Varn', 'Zind'];
const endings = ['elo', 'ora', 'ine', 'wen', 'imo', 'uth', 'ane', 'esk'];
const places = ['Lorn', 'Port Averil', 'Hask', 'New Tarn', 'Dunmere', 'Veld', 'Sarrow', ''];

/**
 * Sixty invented users, five of each temperament; the same for the same seed.
 *
 * @example
 * inventUsers(1).filter((user) => user.temperament === 'cashtag-spammer').length; // => 5
 */
export function inventUsers(seed: number): InventedUser[] {
  const random = new SeededRandom(seed);
  const names = random.sample(
    beginnings.flatMap((beginning) => endings.map((ending) => beginning + ending)),
    Object.keys(callings).length * usersEach,
  );
  return names.map((name, i) => {
    const temperament = Object.keys(callings)[Math.floor(i / usersEach)] as Temperament;
    return {
      id: String(10n ** 18n + BigInt(random.integer(0, 2 ** 48)) * 1009n),
      name: `${name} (${callings[temperament]})`,
      handle: `${name.toLowerCase()}_the_${temperament.replace('-', '_')}`,
      temperament,
      tongue: i % usersEach,
      location: random.pick(places),
      followers: Math.floor(10 ** (random.next() * 5)),
      joinedAt: Date.UTC(
        2009 + random.integer(0, 14),
        random.integer(0, 11),
        random.integer(1, 28),
      ),
    };
  });
}
