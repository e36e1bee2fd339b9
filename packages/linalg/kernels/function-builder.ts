import { unsigned } from './encoding.ts';
import {
  add,
  ge,
  instruction,
  lt,
  type Operand,
  operandOf,
  type Type,
  type Value,
} from './value.ts';

/** A variable of a function. */
export interface Local extends Value {
  readonly index: number;
}

/** Writes the statements of one function, in order. */
export class FunctionBuilder {
  /** What is done before all else. */
  readonly prologue: number[] = [];
  readonly code: number[] = [];
  /** The types of the variables that are not parameters. */
  readonly locals: Type[] = [];
  readonly #parameters: readonly Type[];
  readonly #constants = new Map<string, Local>();

  constructor(parameters: readonly Type[]) {
    this.#parameters = parameters;
  }

  parameter(index: number): Local {
    return variable(this.#parameters[index] ?? 'i32', index);
  }

  /** A new variable, 0 or holding what is given. */
  local(type: Type, initial?: Operand): Local {
    this.locals.push(type);
    const local = variable(type, this.#parameters.length + this.locals.length - 1);
    if (initial !== undefined) this.set(local, initial);
    return local;
  }

  /** A new variable holding the value. */
  let(value: Value): Local {
    return this.local(value.type, value);
  }

  /** The number in a variable that is set once: engines make a constant of a loop anew at each turn. */
  constant(type: Type, value: number): Local {
    const known = this.#constants.get(`${type} ${value}`);
    if (known !== undefined) return known;
    const local = this.local(type);
    this.prologue.push(...operandOf(type, value).code, 0x21, ...unsigned(local.index));
    this.#constants.set(`${type} ${value}`, local);
    return local;
  }

  set(local: Local, operand: Operand): void {
    this.code.push(...operandOf(local.type, operand).code, 0x21, ...unsigned(local.index));
  }

  /** Adds to a variable. */
  step(local: Local, by: Operand): void {
    this.set(local, add(local, by));
  }

  store(address: Value, value: Value, offset = 0): void {
    const store = [...instruction(value.type, 'store'), 0, ...unsigned(offset)];
    this.code.push(...address.code, ...value.code, ...store);
  }

  /** Calls a kernel that gives nothing. */
  run(called: Value): void {
    this.code.push(...called.code);
  }

  /** Calls a kernel, leaving what it gives. */
  drop(called: Value): void {
    this.code.push(...called.code, 0x1a);
  }

  /** Ends the function, with its result if it has one. */
  return(value?: Value): void {
    this.code.push(...(value?.code ?? []), 0x0f);
  }

  if(condition: Value, then: () => void, otherwise?: () => void): void {
    this.code.push(...condition.code, 0x04, 0x40);
    then();
    if (otherwise !== undefined) {
      this.code.push(0x05);
      otherwise();
    }
    this.code.push(0x0b);
  }

  /** Repeats the body while the condition, tested before each round, holds. */
  while(condition: Value, body: () => void): void {
    this.if(condition, () => {
      this.code.push(0x03, 0x40);
      body();
      this.code.push(...condition.code, 0x0d, 0, 0x0b);
    });
  }

  /** Counts from `from` up, staying below `end`, which is evaluated once. */
  count(from: Operand, end: Operand, by: Operand, body: (counter: Local) => void): void {
    const counter = this.local('i32', from);
    const bound = typeof end === 'number' || 'index' in end ? end : this.let(end);
    this.while(lt(counter, bound), () => {
      body(counter);
      this.step(counter, by);
    });
  }

  /** Runs the body for whole blocks of `by` from the counter on, as long as they fit. */
  blocks(counter: Local, end: Value, by: number, body: () => void): void {
    this.while(ge(end, add(counter, by)), () => {
      body();
      this.step(counter, by);
    });
  }
}

function variable(type: Type, index: number): Local {
  return { type, index, code: [0x20, ...unsigned(index)] };
}
