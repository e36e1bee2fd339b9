import { scaleLinear } from 'd3-scale';

const blue = 'rgb(33, 102, 172)';
const pale = 'rgb(247, 247, 247)';
const orange = 'rgb(230, 97, 1)';

/** Colours of series, in order: told apart by all common kinds of colour vision. */
export const seriesColours: readonly string[] = [
  'rgb(0, 114, 178)',
  'rgb(213, 94, 0)',
  'rgb(0, 158, 115)',
  'rgb(190, 100, 150)',
];

/** Blue at the low end, pale in the middle, orange at the high end; beyond an end, its colour. */
export function divergingColour([low, high]: readonly [number, number]): (value: number) => string {
  return scaleLinear<string>([low, (low + high) / 2, high], [blue, pale, orange]).clamp(true);
}

/** Black or white, whichever reads better on `rgb(…)`: a contrast of 4.5 at least (WCAG AA). */
export function inkOn(background: string): 'black' | 'white' {
  const light = luminance(background);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? 'black' : 'white';
}

/** Relative luminance as WCAG 2.2 defines it, 0 to 1. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((part) => {
    const channel = Number(part) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
