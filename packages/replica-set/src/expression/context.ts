/** Where an expression stands while it is compiled: the variables around it, and whether it is constant. */
import type { BsonValue } from '../bson-document.ts';
import type { Evaluator, ExpressionValue, VariableScope } from './evaluator.ts';

/**
 * The value of a variable of `$let`, `$map` and the like. Expressions do not call
 * themselves, so that one place for each variable of the text is enough.
 */
export interface Cell {
  value: ExpressionValue;
}

/** An operator: from its operand to what computes it. */
export type Operator = (operand: BsonValue, context: Context) => Evaluator;
export type Operators = Readonly<Record<string, Operator>>;

type Compile = (expression: BsonValue, context: Context) => Evaluator;

export class Context {
  readonly #compile: Compile;
  /** Those around the whole expression. */
  readonly variables: VariableScope['variables'];
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #readings: { count: number };

  constructor(
    compile: Compile,
    { variables }: VariableScope,
    cells: ReadonlyMap<string, Cell> = new Map(),
    readings: { count: number } = { count: 0 },
  ) {
    this.#compile = compile;
    this.variables = variables;
    this.#cells = cells;
    this.#readings = readings;
  }

  compile(expression: BsonValue): Evaluator {
    return this.#compile(expression, this);
  }

  /** This context with variables added, each in a place of its own. */
  with(cells: Iterable<readonly [name: string, cell: Cell]>): Context {
    const all = new Map([...this.#cells, ...cells]);
    return new Context(this.#compile, this, all, this.#readings);
  }

  cell(name: string): Cell | undefined {
    return this.#cells.get(name);
  }

  /** Says that what is being compiled depends on a document, a variable or chance: it is no constant. */
  reads(): void {
    this.#readings.count += 1;
  }

  /** How often that was said: where it is not said while a part is compiled, the part is a constant. */
  get readings(): number {
    return this.#readings.count;
  }
}

const constantOf: unique symbol = Symbol('constant');

/** An evaluator that carries what it always yields. */
type Constant = Evaluator & { [constantOf]?: { readonly value: ExpressionValue } };

/** An expression that always yields this value. */
export function constant(value: ExpressionValue): Evaluator {
  const evaluate: Constant = () => value;
  evaluate[constantOf] = { value };
  return evaluate;
}

export function isConstant(evaluate: Constant): boolean {
  return evaluate[constantOf] !== undefined;
}

/** The value of a constant expression. */
export function constantValue(evaluate: Constant): ExpressionValue {
  return evaluate[constantOf]?.value;
}

/** An operator that compares: a collation, known only when the command runs, may decide. */
export function collated(compile: Operator): Operator {
  return (operand, context) => {
    context.reads();
    return compile(operand, context);
  };
}
