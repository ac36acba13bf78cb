import * as text from 'texts';
import { bell, h, icon, shadow } from './dom';
import type { Config } from './config';
import type { Item } from './item';
import { black, contrast, ground, isDark, opaque, wear, white, type Look } from './look';
import type { Body, Outcome } from './send';
import type { RestockCapture } from './restock';
import type { Context, More } from './start';
import css from './ui.css';

declare const LANGUAGE: string;

const cross = 'M6 6l12 12M18 6L6 18';
const tick = 'M5 12.5l4.5 4.5L19 7.5';

export type Channel = 'email' | 'phone';

/** channels in the order that was configured; e-mail where nothing sensible was. */
export const channels = ({ channels: wanted }: Config) => (String(wanted).match(/email|phone/g) ?? ['email']) as Channel[];

export interface Dialog {
  show(): void;
  close(): void;
}

/** picture is what the page shows of the product already, so that it costs no request: its largest image. */
const picture = () => [...document.images].sort((a, b) => b.width * b.height - a.width * a.height)[0]?.currentSrc;

/** format puts a node where the text says {0}. */
const format = (words: string, value: string) => {
  const [before, after] = words.split('{0}');
  return [before!, after !== undefined && h('bdi', {}, value), after];
};

/** openDialog makes the form for an item, to be shown. It is thrown away when it closes, so that nothing of one item shows with the next. */
export function openDialog({ config, emit, send }: Context, item: Item, look: Look, more: More | undefined, closed: () => void): Dialog {
  const opened = performance.now();
  const list = more ? channels(config) : []; // without more, there is e-mail only
  const heading = item.title || document.querySelector('h1')?.textContent || document.title;
  const src = item.image || picture();
  const key = [Date.now(), Math.random(), Math.random()].join('-'); // crypto.randomUUID needs https
  let channel = list[0] ?? 'email';
  let doubted: string | undefined;

  const note = h('p', { id: 'note' });
  const label = h('label', { for: 'to' }, text.email);
  const input = h('input', { class: 'box', id: 'to', name: 'email', type: 'email', autocomplete: 'email', 'aria-describedby': 'note', dir: 'ltr' });
  const country = more?.dial(config.region);
  const submit = h('button', { class: 'main' }, text.short);
  const form = h(
    'form',
    { novalidate: true },
    h('h2', { id: 'title', tabindex: -1 }, text.title),
    h(
      'header',
      { class: 'row' },
      src && h('img', { src, alt: '' }),
      h('div', {}, h('b', {}, heading), h('span', {}, [item.choice, text.soldOut].filter(Boolean).join(' · '))),
    ),
    more?.choice(item),
    list.length > 1 && more!.channelSwitch(list),
    h('div', {}, label, h('div', { class: 'row' }, country, input), note),
    ...(more?.extras(config, item) ?? []),
    // A field that no person sees or reaches: what fills it in is a program.
    h('input', { class: 'trap', 'aria-hidden': 'true', name: 'website', tabindex: -1, autocomplete: 'off' }),
    submit,
  );
  const close = h('button', { class: 'close', 'aria-label': text.close }, icon(cross));
  // closedby: a click beside it closes it, where browsers know that; Esc does everywhere.
  const dialog = h('dialog', { 'aria-labelledby': 'title', lang: LANGUAGE, dir: text.dir, closedby: 'any' }, form, close);
  const host = document.createElement('restock-dialog');

  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement | null;
  const state = (name: string) => (dialog.dataset.state = name);

  /** say shows what is wrong with the address; nothing: what the shopper consents to. */
  const say = (error?: string, suggest?: string) => {
    note.className = error ? 'error' : '';
    note.replaceChildren(error ?? text.request);
    input.ariaInvalid = error ? 'true' : null;
    if (suggest) {
      const button = h('button', { class: 'suggest', type: 'button' }, ...format(text.suggest, suggest));
      button.addEventListener('click', () => {
        input.value = suggest;
        say();
        submit.focus();
      });
      note.replaceChildren(button);
    }
    if (error) input.focus();
  };

  /** choose makes the one field that of the chosen channel. */
  const choose = () => {
    channel = (field('channel')?.value as Channel) || channel;
    more?.fit(input, label, country!, channel);
    say();
  };

  const body = (): Body => {
    const { value } = input;
    return {
      source: config.source,
      ...(item.variant ? { variant: item.variant } : { product: item.product }),
      consent: { marketing: false, text: text.request },
      ...more?.answers(form, item, channel === 'phone'),
      [channel]: value,
      email_as_typed: value === doubted || undefined,
      locale: config.locale || document.documentElement.lang || LANGUAGE,
      market: item.market ?? config.market,
      page: location.href.split('#')[0]!.slice(0, 2048), // bytes, as the edge takes them
      form: `widget ${config.version} ${LANGUAGE}`,
      idempotency_key: key,
      website: field('website')!.value,
      elapsed_ms: Math.round(performance.now() - opened),
    };
  };

  /** finish shows the end in the form's own box: the form is still there, unseen, and holds it open. */
  const finish = (taken: boolean) => {
    const title = h('h2', { tabindex: -1 }, taken ? text.done : text.queued);
    const button = h('button', { class: 'main' }, text.close);
    button.addEventListener('click', () => dialog.close());
    form.style.visibility = 'hidden';
    dialog.append(h('div', { class: 'done' }, icon(taken ? tick : bell), title, h('p', {}, ...format(taken ? text.doneText : text.queuedText, input.value)), button));
    state(taken ? 'done' : 'queued');
    title.focus();
  };

  const show = (outcome: Outcome, capture: RestockCapture) => {
    if (typeof outcome === 'string') return finish(outcome === 'captured');
    state('form');
    submit.textContent = text.short;
    const wrong = outcome.find((e) => e.field === channel);
    doubted = wrong?.suggest && input.value;
    say(wrong ? bad() : text.failed, wrong?.suggest);
    if (!wrong) emit('failed', capture);
  };
  const bad = () => (channel === 'phone' ? more!.badPhone : text.badEmail);

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (dialog.dataset.state === 'sending') return;
    input.value = input.value.trim();
    if (!(channel === 'phone' ? /\d/ : /.@./).test(input.value)) return say(bad());
    say();
    state('sending');
    submit.textContent = text.sending;
    const capture = body();
    if (field('push')?.checked) capture.push = await more!.subscribe(config);
    const asked = { source: config.source ?? '', product: item.product, variant: capture.variant, channel };
    show(await send(capture, asked), asked);
  });
  form.addEventListener('change', (event) => (event.target as HTMLInputElement).name === 'channel' && choose());
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    host.remove();
    closed();
    emit('close', item);
  });
  // Themes listen for these on the document: ours are none of theirs.
  for (const name of ['click', 'input', 'keydown']) host.addEventListener(name, (event) => event.stopPropagation());

  const dark = config.theme ? config.theme === 'dark' : isDark(ground(document.body));
  // The theme's colours, where they can be told from the panel's own.
  const { '--a': accent = '', '--o': ink = '', '--f': font = getComputedStyle(document.body).fontFamily, '--r': radius = '' } = look;
  if (opaque(accent) && contrast(accent, dark ? black : white) > 1.6) wear(dialog, { '--a': accent, '--o': ink });
  wear(dialog, { '--f': font, '--r': radius, 'color-scheme': dark ? 'dark' : 'light' });
  host.setAttribute('over', '');
  shadow(host, css + (more?.css ?? '')).append(dialog);
  document.body.append(host);
  choose();
  state('form');

  return {
    show() {
      dialog.showModal();
      // On a touch screen the keyboard would hide what the form is about.
      (matchMedia('(pointer:coarse)').matches ? form.querySelector('h2')! : input).focus();
      emit('open', item);
    },
    close: () => dialog.close(),
  };
}
