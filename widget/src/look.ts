import { backgroundOf, contrast, opaque } from './colour';

/** How the theme looks where we stand: taken over by the cover and the form, so that both belong to the shop. */
export interface Look {
  accent: string;
  on: string;
  border: string;
  radius: string;
  font: string;
  /** Of the button's text only. */
  text: Record<string, string>;
}

const isButton = 'button,input,a,[role=button]';

/**
 * lookOf reads the theme's button. What it reads may be the look of a disabled button, so colours whose contrast is below
 * that of WCAG AA give way to the page's own text on its own ground, turned round.
 */
export function lookOf(element: Element): Look {
  const button = element.matches(isButton);
  const own = getComputedStyle(element);
  const around = getComputedStyle(element.parentElement ?? element);
  const ground = backgroundOf(element.parentElement);
  const filled = opaque(own.backgroundColor);
  const readable = contrast(own.color, filled ? own.backgroundColor : ground) >= 4.5;
  const ink = contrast(around.color, ground) >= 4.5 ? around.color : contrast('rgb(0,0,0)', ground) > 4.5 ? 'rgb(0,0,0)' : 'rgb(255,255,255)';
  const copy = button && readable;
  return {
    accent: copy ? (filled ? own.backgroundColor : 'transparent') : ink,
    on: copy ? own.color : ground,
    border: copy ? own.border : '',
    radius: button ? own.borderRadius : '8px',
    font: own.fontFamily,
    text: button
      ? { 'font-size': own.fontSize, 'font-weight': own.fontWeight, 'letter-spacing': own.letterSpacing, 'text-transform': own.textTransform }
      : {},
  };
}
