/**
 * The floors of the house: who may import whom. Run directly, it prints what breaks them.
 *
 * Tests, benches and examples may import any package; sources may not.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const everyPackage = [
  'charts',
  'data-stream',
  'linalg',
  'locker-room',
  'mlp',
  'mongo-proxy',
  'portfolio',
  'post-stream',
  'reader',
  'replica-set',
] as const;

const allowed: Record<string, readonly string[]> = {
  charts: [],
  'data-stream': [],
  linalg: [],
  'mongo-proxy': [],
  'post-stream': [],
  reader: [],
  'replica-set': [],
  mlp: ['linalg'],
  portfolio: ['linalg'],
  'locker-room': ['mongo-proxy'],
  web: ['charts', 'portfolio', 'reader', 'desk'],
  desk: everyPackage,
};

const browserSafe = ['charts', 'data-stream', 'linalg', 'mlp', 'portfolio', 'reader'];
const vagueNames = /^(utils?|common|core|shared|helpers?|misc)$/;

/** Every import that the floors forbid, every cycle, and every vague name, as one sentence each. */
export function findFloorViolations(root: string): string[] {
  return ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => {
      const home = join(root, folder, name);
      if (!existsSync(join(home, 'package.json'))) return [];
      const rooms = allowed[name];
      if (rooms === undefined)
        return [`${folder}/${name} has no floor: give it one in scripts/floors.ts`];
      const sources = sourcesOf(join(home, 'src'));
      return [
        ...vagueFiles(root, sources),
        ...sources.flatMap((file) => forbiddenImports(root, home, name, rooms, file)),
        ...cycles(root, sources),
      ];
    }),
  );
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function forbiddenImports(
  root: string,
  home: string,
  name: string,
  rooms: readonly string[],
  file: string,
): string[] {
  const where = relative(root, file);
  return importsOf(file).flatMap(({ specifier, typeOnly }) => {
    if (specifier.startsWith('.')) {
      const outside = !resolve(dirname(file), specifier).startsWith(`${home}/`);
      return outside ? [`${where} reaches outside its package: ${specifier}`] : [];
    }
    if (specifier.startsWith('node:')) {
      const barred = browserSafe.includes(name) && !/[./]node\.ts$/.test(file);
      return barred ? [`${where} is browser-safe and may not import ${specifier}`] : [];
    }
    const other = /^@holdfast\/([^/]+)(\/.*)?$/.exec(specifier);
    if (other === null) return [];
    const [, target = '', door = ''] = other;
    if (!rooms.includes(target)) return [`${where} may not import @holdfast/${target}`];
    if (target === 'desk' && !typeOnly)
      return [`${where} may import only types from @holdfast/desk`];
    if (!doorsOf(root, target).includes(`.${door}`))
      return [`${where} enters ${target} by a window: ${specifier}`];
    return [];
  });
}

function doorsOf(root: string, name: string): string[] {
  const folder = existsSync(join(root, 'packages', name)) ? 'packages' : 'apps';
  const manifest: unknown = JSON.parse(
    readFileSync(join(root, folder, name, 'package.json'), 'utf8'),
  );
  const { exports = {} } = manifest as { exports?: Record<string, unknown> };
  return Object.keys(exports);
}

function cycles(root: string, sources: readonly string[]): string[] {
  const graph = new Map(
    sources.map((file) => [
      file,
      importsOf(file)
        .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
        .map(({ specifier }) => resolve(dirname(file), specifier)),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const loop = [...path.slice(start), file].map((each) => relative(root, each));
      found.push(`import cycle: ${loop.join(' -> ')}`);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  return found;
}

function vagueFiles(root: string, sources: readonly string[]): string[] {
  return sources
    .map((file) => relative(root, file))
    .filter((file) => file.split('/').some((part) => vagueNames.test(part.replace(/\.tsx?$/, ''))))
    .map((file) => `${file} has a vague name: call it by what it holds`);
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const statements = text.matchAll(
    /^[ \t]*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm,
  );
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [
    ...[...statements].map(([, type, specifier = '']) => ({
      specifier,
      typeOnly: type !== undefined,
    })),
    ...[...dynamic].map(([, specifier = '']) => ({ specifier, typeOnly: false })),
  ];
}

function sourcesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}

if (import.meta.main) {
  const violations = findFloorViolations(dirname(dirname(fileURLToPath(import.meta.url))));
  for (const violation of violations) console.error(violation);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
