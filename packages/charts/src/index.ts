export { type BarChart, type BarSeries, barChart } from './bar-chart.ts';
export type { Chart, ChartTable } from './chart.ts';
export { type HeatMap, heatMap } from './heat-map.ts';
export { type LineChart, type LineSeries, lineChart } from './line-chart.ts';
