/**
 * Runs a program over a text, one way after the other, as Perl's engines do.
 *
 * Where the pattern does not refer back to its groups, a way that has led nowhere from an
 * instruction and a place is not gone a second time: the steps are at most as many as instructions
 * times characters. Where it does, and in any case, they are counted.
 */
import type { Instruction, Program } from './program.ts';
import type { Assertion } from './syntax.ts';
import { WaysGone } from './ways-gone.ts';

/** As many as PCRE2 goes before it gives up. */
const mostSteps = 10_000_000;
/** More where they grow with the text alone. */
const mostStepsWithMemory = 50_000_000;

/** The pattern takes too long for this text. */
export class TooManySteps extends Error {
  override readonly name = 'TooManySteps';
}

/** Where a match and its groups begin and end, -1 for a group that took no part; nothing when there is no match. */
export function runProgram(
  program: Program,
  text: string,
  from: number,
  groups: number,
): number[] | undefined {
  const machine = new Machine(text, groups, program.memory ? mostStepsWithMemory : mostSteps);
  const gone = memoryFor(program);
  for (let at = from; at <= text.length; at += widthAt(text, at)) {
    const slots = machine.clear(at);
    const end = machine.run(program, at, gone);
    if (end >= 0) {
      slots[1] = end;
      return slots;
    }
  }
  return undefined;
}

function memoryFor({ instructions, memory }: Program): WaysGone | undefined {
  return memory ? new WaysGone(instructions.length) : undefined;
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

class Machine {
  readonly #text: string;
  readonly #slots: number[];
  readonly #most: number;
  #steps = 0;

  constructor(text: string, groups: number, most: number) {
    this.#text = text;
    this.#most = most;
    this.#slots = new Array<number>((groups + 1) * 2).fill(-1);
  }

  clear(at: number): number[] {
    this.#slots.fill(-1);
    this.#slots[0] = at;
    return this.#slots;
  }

  /** The place where the program ends, -1 when it does not. Slots are as they were then. */
  run(program: Program, begin: number, gone: WaysGone | undefined): number {
    const { instructions } = program;
    const text = this.#text;
    const slots = this.#slots;
    /** Pairs to go on with: an instruction and a place, or a slot (as -1 - slot) and what it held. */
    const ways: number[] = [0, begin];
    while (ways.length > 0) {
      let at = ways.pop() as number;
      let next = ways.pop() as number;
      if (next < 0) {
        slots[-1 - next] = at;
        continue;
      }
      for (;;) {
        if (gone?.add(next, at) === false) break;
        if (++this.#steps > this.#most) throw new TooManySteps('the pattern takes too long');
        const instruction = instructions[next] as Instruction;
        if (instruction.do === 'take') {
          if (at >= text.length) break;
          const code = text.codePointAt(at) as number;
          if (!instruction.set.has(code)) break;
          at += code > 0xffff ? 2 : 1;
          next += 1;
        } else if (instruction.do === 'split') {
          ways.push(instruction.second, at);
          next = instruction.first;
        } else if (instruction.do === 'jump') {
          next = instruction.to;
        } else if (instruction.do === 'note') {
          ways.push(-1 - instruction.slot, slots[instruction.slot] as number);
          slots[instruction.slot] = at;
          next += 1;
        } else if (instruction.do === 'assert') {
          if (!holds(instruction.assertion, text, at)) break;
          next += 1;
        } else if (instruction.do === 'end') {
          return at;
        } else {
          const after =
            instruction.do === 'look' ? this.#look(instruction, at) : this.#again(instruction, at);
          if (after < 0) break;
          at = after;
          next += 1;
        }
      }
    }
    return -1;
  }

  #look({ part, back, negative, atomic }: Instruction & { do: 'look' }, at: number): number {
    let begin = at;
    for (let count = 0; count < back; count++) {
      begin -= 1;
      if (begin > 0 && (this.#text.charCodeAt(begin) & 0xfc00) === 0xdc00) begin -= 1;
    }
    const before = [...this.#slots];
    const end = begin < 0 ? -1 : this.run(part, begin, memoryFor(part));
    const found = end >= 0;
    if (!found || negative) {
      for (const [slot, value] of before.entries()) this.#slots[slot] = value;
    }
    if (found === negative) return -1;
    return atomic ? end : at;
  }

  /** The place behind what a group has taken, taken again. */
  #again({ group, ignoreCase }: Instruction & { do: 'repeatGroup' }, at: number): number {
    const begin = this.#slots[group * 2] as number;
    const end = this.#slots[group * 2 + 1] as number;
    if (begin < 0 || end < 0) return -1;
    const wanted = this.#text.slice(begin, end);
    const found = this.#text.slice(at, at + wanted.length);
    this.#steps += wanted.length;
    const same = ignoreCase ? folded(found) === folded(wanted) : found === wanted;
    return same ? at + wanted.length : -1;
  }
}

function folded(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function isWord(text: string, at: number): boolean {
  return /\w/.test(text.charAt(at));
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case 'start':
      return at === 0;
    case 'lineStart':
      return at === 0 || text[at - 1] === '\n';
    case 'veryEnd':
      return at === text.length;
    case 'end':
      return at === text.length || (at === text.length - 1 && text[at] === '\n');
    case 'lineEnd':
      return at === text.length || text[at] === '\n';
    case 'wordEdge':
      return isWord(text, at - 1) !== isWord(text, at);
    case 'noWordEdge':
      return isWord(text, at - 1) === isWord(text, at);
  }
}
