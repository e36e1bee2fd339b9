import { writeFileSync } from 'node:fs';
import { lineChart } from '@holdfast/charts';
import type { MLP } from '@holdfast/mlp';
import { DeskError } from '../desk-error.ts';
import { systemFault } from '../system-fault.ts';

/**
 * Writes the channels of a training, all of them as CSV, those that are named as a picture too.
 *
 * @returns the files
 * @throws {DeskError} `data` when one cannot be written
 */
export function writeCurves(
  stem: string,
  { monitor }: MLP,
  shown: readonly string[],
  bestEpoch: number | undefined,
): string[] {
  const channels = monitor.channels;
  const names = Object.keys(channels);
  const [first = ''] = names;
  const epochs = channels[first]?.epochRecord ?? [];
  const rows = epochs.map((epoch, i) => [
    epoch,
    ...names.map((name) => channels[name]?.valRecord[i] ?? ''),
  ]);
  const csv = [['epoch', ...names], ...rows].map((row) => row.join(',')).join('\n');
  const { svg } = lineChart({
    title: 'Learning curves',
    description: descriptionOf(shown, channels, bestEpoch),
    xLabel: 'epoch',
    x: epochs,
    series: shown.map((name) => ({ name, values: channels[name]?.valRecord ?? [] })),
    format: (value) => String(Number(value.toPrecision(3))),
    ...(bestEpoch !== undefined && { mark: { x: bestEpoch, label: `best: ${bestEpoch}` } }),
  });
  const files = { [`${stem}.csv`]: `${csv}\n`, [`${stem}.svg`]: `${svg}\n` };
  for (const [path, text] of Object.entries(files)) write(path, text);
  return Object.keys(files);
}

function descriptionOf(
  shown: readonly string[],
  channels: MLP['monitor']['channels'],
  bestEpoch: number | undefined,
): string {
  const parts = shown.map((name) => {
    const { valRecord = [] } = channels[name] ?? {};
    return `${name} goes from ${short(valRecord[0])} to ${short(valRecord.at(-1))}`;
  });
  const best = bestEpoch === undefined ? '' : ` The best epoch is ${bestEpoch}.`;
  return `${parts.join(', ')}.${best}`;
}

function short(value = Number.NaN): string {
  return String(Number(value.toPrecision(3)));
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const fault = systemFault(error);
    if (fault === undefined) throw error;
    throw new DeskError(
      'data',
      `${path}: the curves cannot be written: ${fault}`,
      'Say where with --curves, or leave them out with --no-curves.',
      { cause: error },
    );
  }
}
