import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from 'yaml';
import { closestNames } from './closest-names.ts';
import type { MLP } from './mlp.ts';
import { YamlError } from './yaml-error.ts';
import { type YamlClass, yamlClasses } from './yaml-registry.ts';

/** What a configuration may take from outside. */
export interface YamlOptions {
  /** What `%(name)s` and `%(name)i` stand for. */
  readonly values?: Readonly<Record<string, string | number>>;
  /** What `${NAME}` stands for; one that is not given is refused. */
  readonly environ?: Readonly<Record<string, string | undefined>>;
  /** What `!import:` may name. */
  readonly imports?: Readonly<Record<string, unknown>>;
  /** Shuffles the rows of each CSV file by this seed before `start` and `stop` count: another split. */
  readonly shuffleSeed?: number;
  /** Whether nets are saved where the configuration says; true if not given. */
  readonly savesNets?: boolean;
  /** Reads a text file. */
  readonly readText?: (path: string) => string;
  /** Reads a net for `!pkl:`. */
  readonly loadModel?: (path: string) => MLP;
}

/**
 * Makes what a configuration in Pylearn2's YAML describes, mostly a `Train`.
 *
 * `!obj:` names a class of a closed list by its path in Pylearn2, `!pkl:` a saved net, `!import:` one
 * of `imports`; `&name` and `*name` stand for one and the same object. No code is ever loaded.
 *
 * @throws {YamlError} which tells the place, and what may have been meant
 * @example
 * const train = loadYaml(text, { values: { dim_h0: 20 } }) as Train;
 * train.mainLoop();
 */
export function loadYaml(text: string, options: YamlOptions = {}): unknown {
  const counter = new LineCounter();
  const filled = fill(text, options.values ?? {});
  const document = parseDocument(filled, {
    version: '1.1',
    lineCounter: counter,
    logLevel: 'silent',
    prettyErrors: false, // they would name the place again
    customTags: asPyYaml,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = counter.linePos(error.pos[0]);
    throw new YamlError(line, col, error.message, { cause: error });
  }
  if (document.contents === null) throw new YamlError(1, 1, 'the configuration is empty');
  return new Builder(filled, document, counter, options).build(document.contents as Node);
}

/** PyYAML reads version 1.1, but does not take y and n for true and false. */
function asPyYaml(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:bool') return tag;
    const bool = tag as ScalarTag;
    const words = bool.test?.test('yes') ? 'yes|true|on' : 'no|false|off';
    const forms = words.split('|').flatMap((word) => {
      const title = word.slice(0, 1).toUpperCase() + word.slice(1);
      return [word, title, word.toUpperCase()];
    });
    return { ...bool, test: new RegExp(`^(?:${forms.join('|')})$`) };
  });
}

/** Puts values in, as Python's % does. */
function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/%\((\w+)\)[sidf]/g, (_, name: string, at: number) => {
    const value = values[name];
    if (value !== undefined) return String(value);
    const given = Object.keys(values).join(', ');
    const before = text.slice(0, at).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new YamlError(
      before.length,
      column,
      `there is no value for %(${name}); ${given === '' ? 'none is given' : `given are ${given}`}`,
    );
  });
}

class Builder {
  readonly #source: string;
  readonly #document: Document;
  readonly #counter: LineCounter;
  readonly #options: YamlOptions;
  readonly #classes: ReadonlyMap<string, YamlClass>;
  readonly #built = new Map<Node, unknown>();

  constructor(source: string, document: Document, counter: LineCounter, options: YamlOptions) {
    this.#source = source;
    this.#document = document;
    this.#counter = counter;
    this.#options = options;
    const { readText, shuffleSeed, savesNets = true } = options;
    this.#classes = yamlClasses({ readText, shuffleSeed, savesNets });
  }

  build(node: Node): unknown {
    if (isAlias(node)) {
      const anchored = node.resolve(this.#document);
      if (anchored === undefined)
        throw this.#error(node, `there is no anchor &${node.source} before`);
      return this.build(anchored);
    }
    if (this.#built.has(node)) return this.#built.get(node);
    const made = this.#make(node);
    this.#built.set(node, made);
    return made;
  }

  #make(node: Node): unknown {
    const tag = node.tag ?? '';
    if (tag.startsWith('!obj:')) return this.#object(node, tag.slice(5));
    if (tag.startsWith('!pkl:')) return this.#model(node);
    if (tag.startsWith('!import:')) return this.#import(node, tag.slice(8));
    if (tag === '!import') return this.#import(node, this.#text(node));
    if (tag === '!float') return this.#float(node);
    if (tag.startsWith('!')) {
      throw this.#error(node, `there is no tag ${tag}; there are !obj: !pkl: !import: !float`);
    }
    if (isMap(node))
      return Object.fromEntries(
        this.#pairs(node).map(({ key, value }) => [key, this.build(value)]),
      );
    if (isSeq(node)) return node.items.map((item) => this.build(item as Node));
    if (!isScalar(node)) throw this.#error(node, 'this cannot be read');
    return typeof node.value === 'string' ? this.#expanded(node, node.value) : node.value;
  }

  #object(node: Node, path: string): unknown {
    const known = this.#classes.get(path);
    if (known === undefined)
      throw this.#error(node, `there is no class ${this.#closestClasses(path)}`);
    if (!isMap(node) && !(isScalar(node) && node.value === null)) {
      throw this.#error(node, `${nameOf(path)} takes its arguments in braces`);
    }
    const options: Record<string, unknown> = {};
    for (const { key, keyNode, value } of isMap(node) ? this.#pairs(node) : []) {
      if (!known.keys.includes(key)) {
        throw this.#error(
          keyNode,
          `${nameOf(path)} has no argument ${closestNames(key, known.keys)}`,
        );
      }
      const built = this.build(value);
      if (built !== null) options[camelCase(key)] = built;
    }
    try {
      return known.make(options);
    } catch (cause) {
      if (cause instanceof YamlError) throw cause;
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw this.#error(node, `${nameOf(path)}: ${detail}`, cause);
    }
  }

  /** A class is mostly missed by its last name: the nearest of those are told by their whole paths. */
  #closestClasses(path: string): string {
    const paths = [...this.#classes.keys()];
    const namesakes = paths.filter((each) => nameOf(each) === nameOf(path));
    if (namesakes.length > 0) return `"${path}"; did you mean ${namesakes.join(' or ')}?`;
    return closestNames(path, paths);
  }

  #model(node: Node): MLP {
    const { loadModel } = this.#options;
    if (loadModel === undefined)
      throw this.#error(node, 'there are no files here to read a net from');
    try {
      return loadModel(this.#text(node));
    } catch (cause) {
      throw this.#error(node, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #import(node: Node, name: string): unknown {
    const { imports = {} } = this.#options;
    if (Object.hasOwn(imports, name)) return imports[name];
    throw this.#error(
      node,
      `nothing can be imported as ${closestNames(name, Object.keys(imports))}`,
    );
  }

  #float(node: Node): number {
    const value = Number(this.#text(node));
    if (!Number.isNaN(value)) return value;
    throw this.#error(node, `"${this.#text(node)}" is no number`);
  }

  #text(node: Node): string {
    if (isScalar(node)) return this.#expanded(node, String(node.value));
    throw this.#error(node, 'a text is due here');
  }

  #expanded(node: Node, text: string): string {
    const { environ = {} } = this.#options;
    return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = environ[name];
      if (value !== undefined) return value;
      throw this.#error(node, `\${${name}} is not known here: pass it in environ`);
    });
  }

  #pairs(map: YAMLMap): { readonly key: string; readonly keyNode: Node; readonly value: Node }[] {
    return map.items.map(({ key, value }) => {
      if (!isScalar(key)) throw this.#error(map, 'keys are names');
      if (value === null) throw this.#error(key, `${key.value} has no value`);
      return { key: String(key.value), keyNode: key, value: value as Node };
    });
  }

  #error(node: Node, detail: string, cause?: unknown): YamlError {
    const [start = 0] = node.range ?? [];
    // A node begins after its tag; a reader looks for the tag.
    const place = node.tag?.startsWith('!') ? this.#source.lastIndexOf(node.tag, start) : start;
    const { line, col } = this.#counter.linePos(Math.max(0, place));
    return new YamlError(line, col, detail, { cause });
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
