import * as text from 'texts';
import css from './cover.css';
import { h, icon, shadow } from './dom';
import type { Item } from './item';
import { lookOf, type Look } from './look';
import type { View } from './start';

const bell = 'M6 9a6 6 0 0 1 12 0c0 6 2.5 7.5 2.5 7.5h-17S6 15 6 9m4 11a2 2 0 0 0 4 0';

/** The button that opens the form, wherever it stands. */
function makeButton(root: ShadowRoot, pressed: () => void): HTMLButtonElement {
  const button = h('button', { type: 'button', part: 'cover', 'aria-haspopup': 'dialog' }, icon(bell), h('span'));
  button.addEventListener('click', (event) => {
    event.stopPropagation(); // themes listen on their forms for clicks that add to the cart
    pressed();
  });
  root.replaceChildren(button);
  return button;
}

/** wear gives the button the theme's look, by the style object, which policies allow; parts and properties still win. */
function wear(button: HTMLElement, look: Look): void {
  const { accent, on, border, radius, font, text: more } = look;
  const style = { '--accent': accent, '--on': on, '--radius': radius, '--font': font, border, ...more };
  for (const [name, value] of Object.entries(style)) button.style.setProperty(name, value);
}

/** label takes the short text where the long one does not fit. */
function label(button: HTMLElement, { title, choice }: Item): void {
  const span = button.lastChild as HTMLElement;
  span.textContent = text.cover;
  if (button.scrollWidth > button.clientWidth) span.textContent = text.short;
  const what = [title, choice].filter(Boolean).join(', ');
  if (what) button.setAttribute('aria-label', `${span.textContent}: ${what}`);
  else button.removeAttribute('aria-label');
}

/** slot fills the page's own element for us. */
export function slot(host: HTMLElement, item: Item, opens: (item: Item, look: Look) => void): View {
  const look = { ...lookOf(host), accent: '', on: '' };
  const root = shadow(host, css);
  const button = makeButton(root, () => opens(item, look));
  wear(button, look);
  label(button, item);
  return {
    update(next) {
      label(button, (item = next));
    },
    remove: () => root.replaceChildren(h('slot')), // a root cannot be taken off again: what the page put in shows
  };
}

/**
 * cover puts our button onto the theme's, in the same box, so that nothing on the page moves. The theme's stays where it is,
 * invisible: themes hold on to it, and change it.
 */
export function cover(at: HTMLElement, item: Item, opens: (item: Item, look: Look) => void): View {
  const host = document.createElement('restock-cover');
  let look = lookOf(at);
  const button = makeButton(shadow(host, css), () => opens(item, look));
  let x = 0;
  let y = 0;

  const place = () => {
    const box = at.getBoundingClientRect();
    host.toggleAttribute('in-flow', !box.width);
    if (!box.width) return label(button, item);
    const { left, top } = host.getBoundingClientRect();
    x += box.left - left;
    y += box.top - top;
    const sizes = { x, y, w: box.width, h: box.height };
    for (const [name, value] of Object.entries(sizes)) host.style.setProperty('--restock-' + name, value + 'px');
    label(button, item);
  };
  const dress = () => {
    wear(button, (look = lookOf(at)));
    place();
  };
  const hide = () => {
    if (at.style.getPropertyPriority('visibility') !== 'important') at.style.setProperty('visibility', 'hidden', 'important');
  };
  const stand = () => {
    if (host.parentNode !== at.parentNode) at.after(host);
    hide();
  };

  stand();
  dress();
  // A theme that replaces its button's attributes would show it again beneath ours.
  const watch = new MutationObserver(hide);
  watch.observe(at, { attributeFilter: ['style'] });
  const sizes = new ResizeObserver(place);
  for (const element of [at, at.parentElement]) if (element) sizes.observe(element);
  at.addEventListener('transitionend', dress);

  return {
    update(next) {
      stand();
      const same = next.variant === item.variant && next.title === item.title && next.choice === item.choice;
      item = next;
      if (!same) label(button, item);
    },
    remove() {
      watch.disconnect();
      sizes.disconnect();
      at.removeEventListener('transitionend', dress);
      at.style.removeProperty('visibility');
      host.remove();
    },
  };
}
