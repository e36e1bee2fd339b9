import { expect, test } from 'vitest';
import { type Control, isCaught, type PartName, type SoakOptions, soak } from '../soak/soak.ts';

const short = (options: Partial<SoakOptions>): Promise<Awaited<ReturnType<typeof soak>>> =>
  soak({
    seed: 'test',
    minutes: 0.04,
    parts: ['kills', 'replies', 'cursor'],
    documents: 600,
    pageLength: 50,
    signal: new AbortController().signal,
    ...options,
  });

test.each<PartName>(['kills', 'replies', 'cursor'])(
  'a short soak of %s covers what it has to and finds nothing',
  async (part) => {
    const { parts } = await short({ parts: [part] });
    expect(parts[part]).toMatchObject({ findings: [], gaps: [], failure: undefined });
  },
  120_000,
);

test.each<{ control: Control; part: PartName }>([
  { control: 'naive', part: 'replies' },
  { control: 'skip', part: 'cursor' },
])(
  'control: $control is caught',
  async ({ control, part }) => {
    const report = await short({ parts: [part], control, minutes: 0.5 });
    expect(report.parts[part]).toMatchObject({ gaps: [], failure: undefined });
    expect(isCaught(report)).toBe(true);
  },
  120_000,
);
