/** A pattern as instructions, so that a machine can go through it step by step. */
import { CharacterSet } from './character-set.ts';
import { lengthOf } from './length.ts';
import { type Assertion, InvalidPattern, type Pattern, type RegexNode } from './syntax.ts';

export type Instruction =
  /** Takes one character. */
  | { readonly do: 'take'; readonly set: CharacterSet }
  /** Goes on at `first`, and at `second` when that leads nowhere. */
  | { readonly do: 'split'; first: number; second: number }
  | { readonly do: 'jump'; to: number }
  | { readonly do: 'assert'; readonly assertion: Assertion }
  /** Notes the place: the even slot of a group is its begin, the odd one its end. */
  | { readonly do: 'note'; readonly slot: number }
  | { readonly do: 'repeatGroup'; readonly group: number; readonly ignoreCase: boolean }
  /** Goes on when the part matches here, or does not; moves along only when it is `atomic`. */
  | {
      readonly do: 'look';
      readonly part: Program;
      readonly back: number;
      readonly negative: boolean;
      readonly atomic: boolean;
    }
  | { readonly do: 'end' };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** True when a way may be given up for good where it has led nowhere once. */
  readonly memory: boolean;
}

const mostInstructions = 50_000;

/** @throws {InvalidPattern} when repeats make it too large */
export function compileProgram({ root }: Pattern): Program {
  return programOf(root, !refersBack(root), { left: mostInstructions });
}

function refersBack(node: RegexNode): boolean {
  switch (node.kind) {
    case 'backreference':
      return true;
    case 'sequence':
      return node.parts.some(refersBack);
    case 'choice':
      return node.branches.some(refersBack);
    case 'repeat':
    case 'capture':
    case 'atomic':
    case 'look':
      return refersBack(node.part);
    default:
      return false;
  }
}

function programOf(root: RegexNode, memory: boolean, room: { left: number }): Program {
  const instructions: Instruction[] = [];
  const emit = <T extends Instruction>(instruction: T): T => {
    room.left -= 1;
    if (room.left < 0) throw new InvalidPattern('regular expression is too large');
    instructions.push(instruction);
    return instruction;
  };

  function add(node: RegexNode): void {
    switch (node.kind) {
      case 'set':
        emit({ do: 'take', set: new CharacterSet(node.source, node.ignoreCase) });
        return;
      case 'sequence':
        for (const part of node.parts) add(part);
        return;
      case 'choice':
        addChoice(node.branches);
        return;
      case 'repeat':
        addRepeat(node);
        return;
      case 'capture':
        emit({ do: 'note', slot: node.group * 2 });
        add(node.part);
        emit({ do: 'note', slot: node.group * 2 + 1 });
        return;
      case 'atomic':
        emit({
          do: 'look',
          part: programOf(node.part, memory, room),
          back: 0,
          negative: false,
          atomic: true,
        });
        return;
      case 'look':
        addLook(node);
        return;
      case 'backreference':
        emit({ do: 'repeatGroup', group: node.group, ignoreCase: node.ignoreCase });
        return;
      case 'assertion':
        emit({ do: 'assert', assertion: node.assertion });
        return;
      case 'keep':
        emit({ do: 'note', slot: 0 });
    }
  }

  function addChoice(branches: readonly RegexNode[]): void {
    const jumps: { to: number }[] = [];
    for (const [index, branch] of branches.entries()) {
      if (index === branches.length - 1) {
        add(branch);
        break;
      }
      const split = emit({ do: 'split', first: instructions.length + 1, second: 0 });
      add(branch);
      jumps.push(emit({ do: 'jump', to: 0 }));
      split.second = instructions.length;
    }
    for (const jump of jumps) jump.to = instructions.length;
  }

  function addRepeat({ part, least, most, greedy }: RegexNode & { kind: 'repeat' }): void {
    for (let count = 0; count < least; count++) add(part);
    const open = (): { leave(to: number): void } => {
      const split = emit({ do: 'split', first: 0, second: 0 });
      const on = instructions.length;
      if (greedy) split.first = on;
      else split.second = on;
      return {
        leave(to) {
          if (greedy) split.second = to;
          else split.first = to;
        },
      };
    };
    if (most === Number.POSITIVE_INFINITY) {
      const begin = instructions.length;
      const split = open();
      add(part);
      emit({ do: 'jump', to: begin });
      split.leave(instructions.length);
      return;
    }
    const splits: ReturnType<typeof open>[] = [];
    for (let count = least; count < most; count++) {
      splits.push(open());
      add(part);
    }
    for (const split of splits) split.leave(instructions.length);
  }

  /** Behind a place each branch begins as many characters back as it takes. */
  function addLook({ part, ahead, negative }: RegexNode & { kind: 'look' }): void {
    const look = (node: RegexNode, back: number): void => {
      const inner = programOf(node, memory, room);
      emit({ do: 'look', part: inner, back, negative, atomic: false });
    };
    if (ahead) {
      look(part, 0);
      return;
    }
    const branches = part.kind === 'choice' ? part.branches : [part];
    if (negative || branches.length === 1) {
      for (const branch of branches) look(branch, lengthOf(branch) ?? 0);
      return;
    }
    addChoice(branches.map((branch) => ({ kind: 'look', part: branch, ahead: false, negative })));
  }

  add(root);
  emit({ do: 'end' });
  return { instructions, memory };
}
