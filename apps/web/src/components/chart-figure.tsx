import type { Chart, ChartTable } from '@holdfast/charts';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { SidewaysScroll } from './sideways-scroll.tsx';

/** How far a picture may grow beyond its own size, so that its letters stay near the page's. */
const largestScale = 1.25;

/** The picture of a chart. */
export function ChartPicture({ chart }: { readonly chart: Chart }): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const picture = parseSvg(chart.svg);
    if (picture !== null) frame.current?.replaceChildren(picture);
  }, [chart.svg]);
  return <div class="chart" ref={frame} />;
}

/** The table behind a chart, folded away until it is asked for. */
export function ChartNumbers({ table }: { readonly table: ChartTable }): JSX.Element {
  const [corner = '', ...heads] = table.columns;
  return (
    <details class="chart-numbers">
      <summary>The numbers as a table</summary>
      <SidewaysScroll label={table.caption}>
        <table>
          <caption class="visually-hidden">{table.caption}</caption>
          <thead>
            <tr>
              {corner === '' ? <td /> : <th scope="col">{corner}</th>}
              {heads.map((head) => (
                <th key={head} scope="col" class="figure">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(([label, ...cells]) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {cells.map((cell, index) => (
                  <td key={heads[index]} class="figure">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </SidewaysScroll>
    </details>
  );
}

/** Parsed as XML and not as the page's markup: scripts and handlers in it would not run. */
function parseSvg(markup: string): SVGElement | null {
  const { documentElement } = new DOMParser().parseFromString(markup, 'image/svg+xml');
  const picture = document.importNode(documentElement, true);
  if (!(picture instanceof SVGSVGElement)) return null;
  picture.style.maxWidth = `${largestScale * picture.width.baseVal.value}px`;
  return picture;
}
