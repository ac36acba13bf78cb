import * as text from 'texts';
import { bell, h, icon, shadow } from './dom';
import type { Item } from './item';
import { isButton, lookOf, wear, type Look } from './look';
import type { View } from './start';
import css from './ui.css';

export type Opens = (item: Item, look: Look) => void;

/**
 * stand puts our button where the item is sold out. A slot is filled. The theme's button is covered: ours comes into the same
 * box, so that nothing on the page moves, and the theme's stays where it is, invisible, because themes hold on to it and
 * change it. Words that say "sold out" stay readable: ours becomes a link at the end of their line.
 */
export function stand(at: HTMLElement, item: Item, opens: Opens): View {
  const isSlot = at.localName === 'restock-notify';
  const covers = isButton(at);
  const host = isSlot ? at : document.createElement('restock-cover');
  const root = shadow(host, css);
  const span = h('span', {}, text.cover);
  const button = h('button', { class: isSlot || covers ? 'main' : 'main link', part: 'cover', 'aria-haspopup': 'dialog', type: 'button' }, icon(bell), span);
  let look: Look = {};
  let x = 0;
  let y = 0;
  let needs: number | undefined;

  /** place is called when sizes are known, and reads all of them before it writes: it costs no layout of its own. */
  const place = () => {
    const to = at.getBoundingClientRect();
    const from = button.getBoundingClientRect();
    needs ??= span.offsetWidth + 36; // pixels, with bell and padding
    wear(button, { visibility: 'visible' }); // not before it is in its place: that would count as a shift
    if (covers && to.width < needs) span.textContent = text.short;
    if (isSlot) return;
    const end = covers || (text.dir as string) === 'rtl' ? 0 : to.width - from.width;
    x += to.x - from.x + end;
    y += to.y - from.y;
    host.toggleAttribute('over', !!to.width); // a theme's button without a box leaves ours a place in the flow
    if (to.width) wear(button, { width: covers ? to.width + 'px' : '', height: to.height + 'px', transform: `translate(${x}px,${y}px)` });
  };
  // A slot looks like the button beside it.
  const dress = () => wear(button, (look = lookOf(isSlot ? (at.parentElement!.querySelector('[type=submit],.button,.btn') ?? at.parentElement!) : at)));
  const hold = () => {
    button.setAttribute('aria-label', [text.cover, item.title, item.choice].filter(Boolean).join(', '));
    if (isSlot) return;
    if (host.parentNode !== at.parentNode) at.after(host);
    // A theme that replaces its button's attributes would show it again beneath ours.
    if (covers && at.style.visibility !== 'hidden') at.style.setProperty('visibility', 'hidden', 'important');
  };

  button.addEventListener('click', (event) => {
    event.stopPropagation(); // themes listen on their forms for clicks that add to the cart
    window.Restock!.refresh(); // titles may have changed since
    opens(item, look);
  });
  const watch = new MutationObserver(hold);
  const sizes = new ResizeObserver(place);
  root.replaceChildren(button);
  host.toggleAttribute('over', !isSlot);
  dress();
  hold();
  watch.observe(at, { attributeFilter: ['style'] });
  sizes.observe(at);
  sizes.observe(at.parentElement!);
  at.addEventListener('transitionend', dress);

  return {
    update(next) {
      item = next;
      hold();
    },
    remove() {
      watch.disconnect();
      sizes.disconnect();
      at.removeEventListener('transitionend', dress);
      if (isSlot) return root.replaceChildren(h('slot')); // a root cannot be taken off again: what the page put in shows
      at.style.removeProperty('visibility');
      if (!at.getAttribute('style')) at.removeAttribute('style');
      host.remove();
    },
  };
}
