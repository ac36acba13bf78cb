import * as text from 'texts';
import { on, type Config } from './config';
import { dials, likely, nameOf } from './dial';
import { h, icon } from './dom';
import type { Item } from './item';
import { offered } from './push';

export type Channel = 'email' | 'phone';

const chevron = 'M6 9l6 6 6-6';

const field = (id: string, label: string, ...control: Node[]) =>
  h('div', { class: 'field' }, h('label', { class: 'label', for: id }, label), ...control);

const check = (name: string, label: string) => h('label', { class: 'check' }, h('input', { type: 'checkbox', name }), label);

/** Channels in the order that was configured; e-mail where nothing sensible was. */
export function channels({ channels: wanted = '' }: Config): Channel[] {
  const list = typeof wanted === 'string' ? wanted.split(/[\s,]+/) : wanted;
  const known = list.filter((c): c is Channel => c === 'email' || c === 'phone');
  return known.length ? known : ['email'];
}

/** The switch between e-mail and phone: radio buttons, so that arrow keys and screen readers know it. */
export function channelSwitch(list: Channel[]): HTMLElement {
  const names = { email: text.byEmail, phone: text.byPhone };
  const radios = list.map((value, i) =>
    h('label', {}, h('input', { type: 'radio', name: 'channel', value, checked: i === 0 }), names[value]),
  );
  return h('fieldset', { class: 'channels' }, h('legend', { class: 'unseen' }, text.channel), ...radios);
}

const emailField = () =>
  field(
    'email',
    text.email,
    h('input', { class: 'box', id: 'email', name: 'email', type: 'email', autocomplete: 'email', inputmode: 'email', maxlength: '254', dir: 'ltr' }),
  );

/** Shows the dial code alone; the list beneath it is the system's own, with the countries' names in full. */
function dialSelect(config: Config, language: string): HTMLElement {
  const shown = h('span', { dir: 'ltr' });
  const select = h('select', { name: 'region', 'aria-label': text.country, autocomplete: 'tel-country-code' });
  const list = dials().map((d) => ({ ...d, name: nameOf(d.region, language) }));
  list.sort((a, b) => a.name.localeCompare(b.name, language));
  for (const { region, code, name } of list) select.append(h('option', { value: region }, `${name} +${code}`));
  const show = () => {
    const dial = list.find((d) => d.region === select.value);
    shown.textContent = dial ? `${dial.region} +${dial.code}` : '';
  };
  select.addEventListener('change', show);
  const page = config.locale || document.documentElement.lang || navigator.language;
  select.value = (config.region ?? '').toUpperCase() || likely(page) || 'US';
  if (select.selectedIndex < 0) select.value = 'US';
  show();
  return h('div', { class: 'box dial' }, shown, icon(chevron), select);
}

const phoneField = (config: Config, language: string) =>
  field(
    'phone',
    text.phone,
    h(
      'div',
      { class: 'row' },
      dialSelect(config, language),
      h('input', { class: 'box', id: 'phone', name: 'phone', type: 'tel', autocomplete: 'tel-national', inputmode: 'tel', maxlength: '40', dir: 'ltr' }),
    ),
  );

export const channelField = (channel: Channel, config: Config, language: string): HTMLElement =>
  channel === 'email' ? emailField() : phoneField(config, language);

/** For pages that cannot choose sold-out variants themselves. */
export const choiceField = ({ choices }: Item): HTMLElement | undefined =>
  choices &&
  field(
    'variant',
    text.variant,
    h('select', { class: 'box', id: 'variant', name: 'variant' }, ...choices.map((c) => h('option', { value: c.variant }, c.choice))),
  );

/** What the shop wants asked beside the address; every consent is unticked and apart from the request itself. */
export function extras(config: Config, item: Item): (HTMLElement | false)[] {
  return [
    on(config.any) && !!item.product && item.product !== item.variant && check('any', text.any),
    on(config.quantity) &&
      h(
        'label',
        { class: 'across' },
        text.quantity,
        h('input', { class: 'box', name: 'quantity', type: 'number', inputmode: 'numeric', min: '1', max: '999', value: '1' }),
      ),
    offered(config) && check('push', text.push),
    on(config.marketing) && check('marketing', text.marketing),
  ];
}

/** trap is a field that no person sees or reaches: what fills it in is a program. */
export const trap = (): HTMLElement =>
  h('div', { class: 'trap', 'aria-hidden': 'true' }, h('input', { name: 'website', tabindex: '-1', autocomplete: 'off', 'aria-label': 'Website' }));
