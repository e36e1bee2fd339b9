/** A holding as the desk keeps it: its share of the money and the words that speak of it. */
export interface Holding {
  readonly symbol: string;
  readonly name: string;
  /** Share of the money. */
  readonly weight: number;
  readonly terms: readonly string[];
}

/** Three shares that everybody has heard of, at weights that make one of them loud. */
export const demoPortfolio: readonly Holding[] = [
  {
    symbol: 'MSFT',
    name: 'Microsoft',
    weight: 0.3,
    terms: ['windows', 'azure', 'xbox', '$MSFT'],
  },
  {
    symbol: 'AAPL',
    name: 'Apple',
    weight: 0.5,
    terms: ['iphone', 'ipad', 'ipod', '$AAPL'],
  },
  {
    symbol: 'KO',
    name: 'Coca-Cola',
    weight: 0.2,
    terms: ['coke', 'coca cola', '$KO'],
  },
];
