/** 0, 1, … to size − 1. */
export function inOrder(size: number): Uint32Array {
  const order = new Uint32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  return order;
}
