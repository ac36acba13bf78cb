import * as text from 'texts';
import { on, type Config } from './config';
import { h } from './dom';
import type { Item } from './item';
import { offersPush } from './push';
import type { Body } from './send';

/**
 * What only some shops ask for: phone numbers, consent to news and offers, any variant, a quantity, Web Push, a choice among sold-out variants. It is a
 * file of its own, loaded when a form that needs some of it is about to open.
 */
export { subscribe } from './push';
export { default as css } from './more.css';
export { badPhone } from 'texts';

declare const LANGUAGE: string;

/**
 * Every region in the order of dial codes (ITU-T E.164). A number is how much higher a region's code is than the one before;
 * none stands for 1. A test holds it against the library that reads the numbers at the edge; there is nothing else about
 * phone numbers here, the edge checks them.
 */
const table =
  'AG0AI0AS0BB0BM0BS0CA0DM0DO0GD0GU0JM0KN0KY0LC0MP0MS0PR0SX0TC0TT0US0VC0VG0VI6KZ0RU13EG7ZA3GRNLBEFRES2HU3IT0VAROCH2ATGB0GG0IM0JEDKSENO0SJPLDE2PEMXCUARBRCLCOVE2MYAU0CC0CXIDPHNZSGTH15JPKR2VN2CN4TRINPKAFLKMM3IR113SSEH0MADZ3TN2LY2GMSNMRMLGNCIBFNETGBJMULRSLGHNGTDCFCMCVSTGQGACGCDAOGWIOACSCSDRWETSODJKETZUGBIMZ2ZMMGRE0YTZWNAMWLSBWSZKM21SH0TAER6AWFOGL51GIPTLUIEISALMTCYAX0FIBG11LTLVEEMDAMBYADMCSM2UARSMEXK2HRSIBA2MK31CZSK2LI77FKBZGTSVHNNICRPAPMHT81BL0GP0MFBOGYECGFPYMQSRUYBQ0CW71TL2NFBNNRPGTOSBVUFJPWWFCKNU2WSKINCTVPFTKFMMH158KP2HKMO2KHLA24BD6TW74MVLBJOSYIQKWSAYEOM2PSAEILBHQABTMNNP15TJTMAZGEKG2UZ';

/** dials lists [region, code]. */
function dials(): [region: string, code: number][] {
  let code = 0;
  return [...table.matchAll(/(\d*)(..)/g)].map(([, step, region]) => [region!, (code += +(step || 1))]);
}

/**
 * dial is the list of countries, of which only the dial code shows: the list is the system's own, with the countries' names in
 * full. The first choice is the shop's region, else the one that the language mostly comes from.
 */
export function dial(region?: string): HTMLElement {
  const shown = h('span', { dir: 'ltr' });
  const select = h('select', { name: 'region', 'aria-label': text.country });
  const list = dials();
  const wanted = [region?.toUpperCase(), new Intl.Locale(LANGUAGE).maximize().region, 'US'];
  const first = wanted.map((value) => list.find(([r]) => r === value)).find(Boolean)!;
  const show = () => (shown.textContent = select.value + select.selectedOptions[0]!.text.replace(/.*(?=\+)/, ' ') + ' ▾');
  // Browsers take 40 ms to learn the countries' names: only who opens the list waits for them.
  const fill = () => {
    if (select.length > 1) return;
    const names = new Intl.DisplayNames([LANGUAGE], { type: 'region' });
    const { compare } = new Intl.Collator(LANGUAGE);
    const options = list.map(([value, code]) => h('option', { value, selected: value === select.value }, `${names.of(value)} +${code}`));
    select.replaceChildren(...options.sort((a, b) => compare(a.text, b.text)));
  };
  select.append(h('option', { value: first[0] }, `${first[0]} +${first[1]}`));
  for (const name of ['pointerdown', 'focus']) select.addEventListener(name, fill);
  select.addEventListener('change', show);
  show();
  return h('div', { class: 'box dial' }, shown, select);
}

/** channelSwitch is between e-mail and phone: radio buttons, so that arrow keys and screen readers know it. */
export const channelSwitch = (list: string[]): HTMLElement =>
  h(
    'fieldset',
    {},
    h('legend', {}, text.channel),
    ...list.map((value, i) =>
      h('label', {}, h('input', { type: 'radio', name: 'channel', value, checked: !i }), value === 'email' ? text.byEmail : text.byPhone),
    ),
  );

/** choice is for pages that cannot choose sold-out variants themselves. */
export const choice = ({ choices }: Item): HTMLElement | undefined =>
  choices && h('label', {}, h('b', {}, text.variant), h('select', { class: 'box', name: 'variant' }, ...choices.map((c) => h('option', { value: c.variant }, c.choice))));

const check = (name: string, label: string) => h('label', { class: 'row' }, h('input', { type: 'checkbox', name }), label);

/** extras are what else is asked, beside the address; every consent is unticked and apart from the request itself. */
export const extras = (config: Config, item: Item): (HTMLElement | false | undefined)[] => [
  on(config.any) && !!item.product && item.product !== item.variant && check('any', text.any),
  on(config.quantity) && h('label', { class: 'row' }, text.quantity, h('input', { class: 'box', name: 'quantity', type: 'number', min: 1, max: maxQuantity, value: 1 })),
  offersPush(config) && check('push', text.push),
  on(config.marketing) && check('marketing', text.marketing),
  !!config.privacy && h('a', { href: config.privacy, target: '_blank' }, text.privacy),
];

/** fit makes the form's one field that of a channel, and empties it. */
export function fit(input: HTMLInputElement, label: HTMLElement, country: HTMLElement, channel: string): void {
  const phone = channel === 'phone';
  label.textContent = phone ? text.phone : text.email;
  input.value = '';
  input.name = channel;
  input.inputMode = input.type = phone ? 'tel' : 'email';
  input.autocomplete = phone ? 'tel-national' : 'email';
  country.hidden = !phone;
}

const maxQuantity = 1e6; // as the edge takes it

/** answers are what a capture says beyond the address. */
export function answers({ elements }: HTMLFormElement, item: Item, phone: boolean): Partial<Body> {
  const value = (name: string) => (elements.namedItem(name) as HTMLInputElement | null)?.value;
  const ticked = (name: string) => (elements.namedItem(name) as HTMLInputElement | null)?.checked;
  const marketing = ticked('marketing');
  const offer = marketing === undefined ? '' : ` [${marketing ? 'x' : ' '}] ${text.marketing}`;
  return {
    consent: { marketing: !!marketing, text: text.request + offer },
    ...(ticked('any') ? { variant: undefined, product: item.product } : { variant: value('variant') ?? item.variant }),
    quantity: Math.min(Math.max(Math.trunc(Number(value('quantity'))), 0), maxQuantity) || undefined,
    region: phone ? value('region') : undefined,
  };
}
