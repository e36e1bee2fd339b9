// Loaded by the driver's mocha before its test files: they ask `loadSpecTests` for the suites of
// a folder, and get those of the specifications' checkout instead of the driver's own older copy.
'use strict';
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');

const specifications = process.env.HOLDFAST_SPECIFICATIONS;
const inDriver = (file) => require(path.join(process.cwd(), file));

inDriver('test/spec/index.ts').loadSpecTests = (...parts) => {
  const folder = folderOf(path.join(...parts));
  const { EJSON } = inDriver('test/mongodb.ts');
  return suitesIn(folder).map((file) => ({
    ...EJSON.parse(readFileSync(path.join(folder, file), 'utf8'), { relaxed: true }),
    name: path.basename(file, '.json'),
  }));
};

/** The driver lays `crud/tests/unified` out as `crud/unified`, and a few folders flatter or deeper. */
function folderOf(asked) {
  const [name, ...rest] = asked.split('/');
  const tests = path.join(specifications, 'source', name, 'tests');
  const places = [path.join(tests, ...rest), path.join(tests, 'unified'), tests];
  const place = places.find((each) => existsSync(each) && suitesIn(each).length > 0);
  if (place === undefined) throw new Error(`The specifications have no JSON files for ${asked}.`);
  return place;
}

function suitesIn(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
}
