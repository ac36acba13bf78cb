type RGBA = [red: number, green: number, blue: number, alpha: number];

const parse = (css: string): RGBA | undefined => {
  const [, r, g, b, a] = /^rgba?\((\d+)[, ]+(\d+)[, ]+(\d+)(?:[,/ ]+([\d.]+))?/.exec(css) ?? [];
  return r === undefined ? undefined : [+r, +g!, +b!, +(a ?? 1)];
};

/** luminance as WCAG 2.2 defines it, 0 to 1. */
const luminance = ([r, g, b]: RGBA): number => {
  const [x, y, z] = [r, g, b].map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x! + 0.7152 * y! + 0.0722 * z!;
};

/** contrast as WCAG 2.2 defines it, 1 to 21; colours in notations that we do not read are taken for good. */
export function contrast(one: string, other: string): number {
  const [a, b] = [parse(one), parse(other)];
  if (!a || !b) return 21;
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

export const opaque = (css: string): boolean => (parse(css)?.[3] ?? 1) > 0.5;

export const isDark = (css: string): boolean => contrast(css, 'rgb(255,255,255)') > contrast(css, 'rgb(0,0,0)');

/** backgroundOf is the colour that an element stands on. */
export function backgroundOf(element: Element | null): string {
  for (let e = element; e; e = e.parentElement) {
    const { backgroundColor } = getComputedStyle(e);
    if (opaque(backgroundColor)) return backgroundColor;
  }
  const dark = getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme:dark)').matches;
  return dark ? 'rgb(18,18,18)' : 'rgb(255,255,255)';
}
