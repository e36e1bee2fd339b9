import { MonitorBasedSaveBest } from './monitor-based-save-best.ts';
import { type SeedJob, studySeeds } from './studies.node.ts';
import type { Figures, Study } from './study.ts';
import { Train } from './train.ts';
import type { WorkerOptions } from './worker-pool.node.ts';
import { YamlError } from './yaml-error.ts';
import { loadYamlFile, type YamlFileOptions } from './yaml-file.node.ts';

/** How a configuration is tried on several splits. */
export interface StudyYamlOptions
  extends WorkerOptions,
    Pick<YamlFileOptions, 'values' | 'environ'> {
  /** Which seeds the rows are shuffled by, or how many of them from 0 on. */
  readonly seeds: number | readonly number[];
}

/**
 * Trains what a file describes on several random splits of its data, in threads.
 *
 * The rows of each CSV file are shuffled before `start` and `stop` take their parts, so parts keep
 * their sizes; preprocessors learn anew. The figures are the channels, but those of single layers, at the
 * epoch that is best by the file's first `MonitorBasedSaveBest`, or at the last epoch; and `epochs`, how
 * many were trained. No net is saved.
 *
 * @example
 * const { summary } = await studyYaml('pima.yaml', { seeds: 100, values: { decay: 0 } });
 * summary.test_output_misclass.mean;
 */
export function studyYaml(path: string, options: StudyYamlOptions): Promise<Study> {
  const { values = {}, environ = {}, ...rest } = options;
  return studySeeds(new URL(import.meta.url), { ...rest, argument: { path, values, environ } });
}

/** One training of a study. */
export default function trainOnce({ seed, argument }: SeedJob<StudyArgument>): Figures {
  const { path, values, environ } = argument;
  const train = loadYamlFile(path, { values, environ, shuffleSeed: seed, savesNets: false });
  if (!(train instanceof Train))
    throw new YamlError(1, 1, 'this describes no pylearn2.train.Train');
  train.mainLoop();
  const { monitor } = train.model;
  const best = train.extensions.find((each) => each instanceof MonitorBasedSaveBest);
  const epoch = best?.bestEpoch ?? monitor.epochsSeen;
  const figures: Record<string, number> = { epochs: monitor.epochsSeen };
  for (const [name, { valRecord, epochRecord }] of Object.entries(monitor.channels)) {
    if (/_u$|_norms_|seconds_|_max_class$/.test(name)) continue;
    figures[name] = valRecord[epochRecord.lastIndexOf(epoch)] as number;
  }
  return figures;
}

interface StudyArgument {
  readonly path: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly environ: Readonly<Record<string, string>>;
}
