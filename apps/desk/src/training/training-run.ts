import { type MLP, MonitorBasedSaveBest, type Train } from '@holdfast/mlp';
import type { TrainOptions } from '../command/train.ts';
import { DeskError } from '../desk-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { textTable } from '../terminal/text-table.ts';
import { asDeskError, readConfiguration, told } from './configuration.ts';
import { writeCurves } from './learning-curves.ts';

/** Milliseconds between two looks of the user, and of the signals, at the training. */
const glance = 100;

/** Trains the net of a file to its end, or until `signal`, and tells what came of it. */
export async function runTraining(
  file: string,
  options: TrainOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const train = readConfiguration(file, options);
  const begun = performance.now();
  let looked = begun;
  try {
    for (const model of train.epochs()) {
      if (performance.now() - looked < glance) continue;
      looked = performance.now();
      terminal.progress(progressLine(model, train, options, looked - begun));
      // Lets a signal come through.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) break;
    }
  } catch (error) {
    throw asDeskError(file, error);
  } finally {
    terminal.progress('');
  }
  const seconds = (performance.now() - begun) / 1000;
  report(file, train, options, seconds, terminal, signal.aborted);
}

function report(
  file: string,
  train: Train,
  options: TrainOptions,
  seconds: number,
  terminal: Terminal,
  wasInterrupted: boolean,
): void {
  const { monitor } = train.model;
  const best = bestOf(train);
  const names = told(file, () => shownChannels(train.model, options));
  const written =
    options.curves === false || names.length === 0
      ? []
      : writeCurves(stemOf(file, options), train.model, names, best?.bestEpoch);
  const last = valuesAt(train.model, monitor.epochsSeen);
  const bestEpoch = best?.bestEpoch;
  const bestValues = bestEpoch === undefined ? undefined : valuesAt(train.model, bestEpoch);
  if (options.json) {
    const found =
      bestValues === undefined
        ? null
        : { epoch: bestEpoch, channel: best?.channelName, channels: bestValues };
    const json = {
      ...{ schema: 'holdfast.train/1', epochs: monitor.epochsSeen, seconds, wasInterrupted },
      ...{ best: found, last, curves: written },
    };
    terminal.print(`${JSON.stringify(json, null, 2)}\n`);
    return;
  }
  if (names.length > 0) {
    terminal.print(
      textTable(
        [
          { head: 'Channel', align: 'left' },
          ...(bestValues === undefined
            ? []
            : [{ head: `Best (epoch ${bestEpoch})`, align: 'right' } as const]),
          { head: `Last (epoch ${monitor.epochsSeen})`, align: 'right' },
        ],
        names.map((name) => [
          name,
          ...(bestValues === undefined ? [] : [numberText(bestValues[name])]),
          numberText(last[name]),
        ]),
        terminal.bold,
      ),
    );
  }
  const rate = monitor.examplesSeen / seconds;
  terminal.say(
    `${monitor.epochsSeen} epochs in ${seconds.toFixed(1)} s, ${Math.round(rate)} examples a second`,
  );
  if (best !== undefined) terminal.say(`best by ${best.channelName}`);
  for (const path of written) terminal.say(`wrote ${path}`);
  if (wasInterrupted) {
    terminal.say(
      best === undefined
        ? 'interrupted; the file has no MonitorBasedSaveBest that would have kept the best net'
        : 'interrupted: the training could have gone on',
    );
  }
}

function bestOf(train: Train): MonitorBasedSaveBest | undefined {
  return train.extensions.find((each) => each instanceof MonitorBasedSaveBest);
}

/** The channels asked for; else the errors of up to four sets, else their objectives. */
function shownChannels({ monitor }: MLP, { channels }: TrainOptions): readonly string[] {
  for (const name of channels ?? []) monitor.channel(name);
  if (channels !== undefined) return channels;
  const known = Object.keys(monitor.channels);
  const errors = known.filter((name) => name.endsWith('_misclass'));
  const shown = errors.length > 0 ? errors : known.filter((name) => name.endsWith('objective'));
  return shown.slice(0, 4);
}

/** Every channel at an epoch; the last record of it counts. */
function valuesAt({ monitor }: MLP, epoch: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(monitor.channels).map(([name, { valRecord, epochRecord }]) => [
      name,
      valRecord[epochRecord.lastIndexOf(epoch)] ?? Number.NaN,
    ]),
  );
}

function progressLine(model: MLP, train: Train, options: TrainOptions, elapsed: number): string {
  const { monitor } = model;
  const best = bestOf(train);
  const names = shownChannels(model, options);
  const figures = names.map((name) => `${name} ${numberText(monitor.last(name))}`);
  const found =
    best?.bestEpoch === undefined ? [] : [`best ${numberText(best.bestCost)} at ${best.bestEpoch}`];
  const seconds = `${(elapsed / 1000).toFixed(0)} s`;
  return [`epoch ${monitor.epochsSeen}`, seconds, ...found, ...figures].join('  ');
}

function numberText(value = Number.NaN): string {
  if (Number.isNaN(value)) return '–';
  return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4 ? value.toFixed(4) : value.toPrecision(4);
}

function stemOf(file: string, { curves }: TrainOptions): string {
  if (typeof curves === 'string') return curves;
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
  if (name === '') throw new DeskError('usage', `${file} has no name to call the curves by`);
  return `${name}-curves`;
}
