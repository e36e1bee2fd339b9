export type Direction = 'ltr' | 'rtl';

const rightToLeft =
  /[\u061c\u200f\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}]/u;
const strong = /[\p{L}\u061c\u200e\u200f]/u;
const eitherWay = new RegExp(strong, 'gu');

/** The direction of a paragraph: that of its first letter, as browsers decide `dir="auto"`. */
export function directionOf(text: string): Direction {
  const first = strong.exec(text)?.[0];
  return first !== undefined && rightToLeft.test(first) ? 'rtl' : 'ltr';
}

/** Whether letters of both directions stand in the text. */
export function isMixed(text: string): boolean {
  if (!rightToLeft.test(text)) return false;
  return (text.match(eitherWay) ?? []).some((letter) => !rightToLeft.test(letter));
}
