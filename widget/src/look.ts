type RGBA = [red: number, green: number, blue: number, alpha: number];

/** Browsers compute nearly all colours to rgb() or rgba(); numbers in other notations are small, and taken for dark. */
const parse = (css: string) => {
  const [r = 0, g = 0, b = 0, a = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b, a] as RGBA;
};

/** contrast nearly as WCAG 2.2 defines it (its curve is 2.2 in all but name), 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [one, other].map((css) => {
    const [r, g, b] = parse(css).map((v) => (v / 255) ** 2.2);
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b! + 0.05;
  });
  return Math.max(a! / b!, b! / a!);
}

export const white = 'rgb(255,255,255)';
export const black = 'rgb(0,0,0)';

export const opaque = (css: string) => parse(css)[3] > 0.5;

/** ground is the colour that an element stands on; white where the page paints none. */
export function ground(element: Element | null): string {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if (opaque(colour)) return colour;
  }
  return white;
}

export const isDark = (colour: string): boolean => contrast(colour, white) > contrast(colour, black);

/** How the theme's button looks: what the cover wears, and the form's own button, so that both belong to the shop. */
export type Look = Record<string, string>;

export const isButton = (element: Element): boolean => element.matches('button,input,a,[role=button]');

/**
 * lookOf reads the theme's button. It may be the look of a disabled button, so colours whose contrast is below that of WCAG
 * AA give way to black and white.
 */
export function lookOf(element: Element): Look {
  const { color, backgroundColor, border, borderRadius, font, fontFamily, letterSpacing, textTransform } = getComputedStyle(element);
  const under = ground(isButton(element) ? element.parentElement : element);
  const ink = isDark(under) ? white : black;
  const look: Look = { '--f': fontFamily, '--a': ink, '--o': isDark(ink) ? white : black };
  if (!isButton(element)) return look;
  const readable = opaque(color) && contrast(color, opaque(backgroundColor) ? backgroundColor : under) >= 4.6;
  if (readable) Object.assign(look, { '--a': backgroundColor, '--o': color, border });
  return { ...look, '--r': borderRadius, font, 'letter-spacing': letterSpacing, 'text-transform': textTransform };
}

/** wear sets the look by the style object, which policies allow. */
export const wear = (element: HTMLElement, look: Look): void => {
  for (const [name, value] of Object.entries(look)) element.style.setProperty(name, value);
};
