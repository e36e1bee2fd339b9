export { type Block, fromText } from './block.ts';
export { type LayoutOptions, type Line, layoutLines } from './line.ts';
