/**
 * Where a share of `size` examples ends: int(size · proportion).
 *
 * @throws {RangeError} when one of the parts would be empty
 */
export function splitPlace(size: number, proportion: number): number {
  const place = Math.floor(size * proportion);
  if (place > 0 && place < size) return place;
  throw new RangeError(`a share of ${proportion} leaves a part of ${size} examples empty`);
}
