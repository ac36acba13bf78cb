import * as text from 'texts';
import { backgroundOf, contrast, isDark } from './colour';
import css from './dialog.css';
import { format, h, icon, shadow } from './dom';
import { channelField, channels, channelSwitch, choiceField, extras, trap, type Channel } from './fields';
import type { Item } from './item';
import type { Look } from './look';
import { subscribe } from './push';
import type { RestockCapture } from './restock';
import type { Body, FieldError, Sender } from './send';
import type { Context } from './start';

declare const LANGUAGE: string;

const cross = 'M6 6l12 12M18 6L6 18';
const tick = 'M5 12.5l4.5 4.5L19 7.5';
const clock = 'M12 6v6l4 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0';

const maxPage = 2048; // bytes, as the edge takes them; a URL is ASCII

/** picture is what the page shows of the product already, so that it costs no request: its largest image. */
function picture(): string | undefined {
  let best: HTMLImageElement | undefined;
  const area = (i: HTMLImageElement) => (i.naturalWidth < 80 ? 0 : i.offsetWidth * i.offsetHeight);
  for (const image of document.querySelectorAll<HTMLImageElement>('[class*=product] img,[class*=media] img,main img')) {
    if (area(image) > (best ? area(best) : 0)) best = image;
  }
  return best?.currentSrc;
}

/** One opening of the form. It is thrown away when it is closed, so that nothing of one item shows with the next. */
export class Dialog {
  private readonly host = document.createElement('restock-dialog');
  private readonly dialog = h('dialog', { part: 'dialog', 'aria-labelledby': 'title', lang: LANGUAGE, dir: text.dir, 'data-state': 'form' });
  private readonly note = h('p', { class: 'note', id: 'note' }, text.request);
  private readonly status = h('p', { class: 'unseen', role: 'status' });
  private readonly submit = h('button', { class: 'main', type: 'submit', part: 'submit' }, text.short);
  private readonly form = h('form', { novalidate: true });
  private readonly done = h('div', { class: 'done' });
  private readonly channels: Channel[];
  private readonly key = crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now();
  private readonly opened = performance.now();

  constructor(
    private readonly context: Context,
    private readonly sender: Sender,
    private readonly item: Item,
    look: Look | undefined,
    private readonly closed: () => void,
  ) {
    this.channels = channels(context.config);
    this.build();
    this.wear(look);
    this.listen();
    document.body.append(this.host);
    this.dialog.showModal();
    this.choose();
    // On a touch screen the keyboard would hide what the form is about.
    this.control(matchMedia('(pointer:coarse)').matches ? 'h2' : '.field:not([hidden]) :is(input,select[name=variant])')?.focus();
    context.emit('open', item);
  }

  close(): void {
    this.dialog.close();
  }

  private control<E extends HTMLElement = HTMLInputElement>(selector: string): E | null {
    return this.dialog.querySelector<E>(selector);
  }

  private get channel(): Channel {
    return (this.control('[name=channel]:checked')?.value as Channel | undefined) ?? this.channels[0]!;
  }

  private build(): void {
    const { config } = this.context;
    const { title = document.querySelector('h1')?.textContent?.trim() || document.title, choice } = this.item;
    const src = this.item.image || picture();
    const image = src && h('img', { src, alt: '', width: '64', height: '64' });
    if (image) image.addEventListener('error', () => image.remove());
    const link = config.privacy && h('a', { href: config.privacy, target: '_blank', rel: 'noopener' }, text.privacy);
    this.form.append(
      ...[
        h('h2', { id: 'title', tabindex: '-1' }, text.title),
        h('div', { class: 'item' }, image, h('div', {}, h('b', {}, title), h('span', {}, [choice, text.soldOut].filter(Boolean).join(' · ')))),
        choiceField(this.item),
        this.channels.length > 1 && channelSwitch(this.channels),
        h('div', {}, ...this.channels.map((c) => channelField(c, config, LANGUAGE)), this.note),
        ...extras(config, this.item),
        trap(),
        this.submit,
        link && h('p', { class: 'fine' }, link),
        this.status,
      ].filter((e): e is HTMLElement => !!e),
    );
    const close = h('button', { class: 'close', type: 'button', 'aria-label': text.close }, icon(cross));
    close.addEventListener('click', () => this.close());
    this.dialog.append(h('div', { class: 'panel', part: 'panel' }, this.form, this.done, close));
    shadow(this.host, css).append(this.dialog);
  }

  /** wear takes the theme's colours where they can be told from the panel's own. */
  private wear(look?: Look): void {
    const dark = this.context.config.theme ? this.context.config.theme === 'dark' : isDark(backgroundOf(document.body));
    this.dialog.toggleAttribute('data-dark', dark);
    const usable = look?.accent && look.accent !== 'transparent' && contrast(look.accent, dark ? 'rgb(31,32,35)' : 'rgb(255,255,255)') > 1.6;
    const style = {
      '--font': look?.font ?? getComputedStyle(document.body).fontFamily,
      '--radius': look?.radius ?? '',
      '--accent': usable ? look.accent : '',
      '--on': usable ? look.on : '',
    };
    for (const [name, value] of Object.entries(style)) this.dialog.style.setProperty(name, value);
  }

  private listen(): void {
    let pressed: EventTarget | null;
    this.dialog.addEventListener('pointerdown', (event) => (pressed = event.target));
    this.dialog.addEventListener('click', (event) => {
      // Beside the panel, and not at the end of a selection that began in it.
      if (event.target === this.dialog && pressed === this.dialog) this.close();
      event.stopPropagation();
    });
    this.dialog.addEventListener('close', () => {
      this.host.remove();
      this.closed();
      this.context.emit('close', this.item);
    });
    this.form.addEventListener('change', (event) => (event.target as HTMLInputElement).name === 'channel' && this.choose());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send();
    });
    // Themes listen for these on the document: ours are none of theirs.
    for (const name of ['change', 'input', 'submit', 'keydown']) this.host.addEventListener(name, (event) => event.stopPropagation());
  }

  /** choose shows the field of the channel that is chosen. */
  private choose(): void {
    for (const channel of this.channels) this.control('#' + channel)!.closest<HTMLElement>('.field')!.hidden = channel !== this.channel;
    this.say();
  }

  /** say shows what is wrong with the field, and what was probably meant; nothing: what the shopper consents to. */
  private say(error?: string, suggest?: string): void {
    const input = this.control('#' + this.channel)!;
    this.note.className = error ? 'note error' : 'note';
    this.note.replaceChildren(error ?? text.request);
    input.setAttribute('aria-describedby', 'note');
    input.toggleAttribute('aria-invalid', !!error);
    if (!error) return;
    input.setAttribute('aria-invalid', 'true');
    if (suggest) this.note.replaceChildren(this.suggestion(input, suggest));
    input.focus();
  }

  private suggestion(input: HTMLInputElement, suggest: string): Node {
    const button = h('button', { class: 'suggest', type: 'button' }, format(text.suggest, h('bdi', {}, suggest)));
    button.addEventListener('click', () => {
      input.value = suggest;
      this.say();
      this.submit.focus();
    });
    return button;
  }

  private set state(state: 'form' | 'sending') {
    const sending = state === 'sending';
    this.dialog.dataset.state = state;
    this.submit.setAttribute('aria-disabled', String(sending)); // not disabled: it keeps the focus
    this.status.textContent = sending ? text.sending : '';
    this.submit.textContent = sending ? text.sending : text.short;
  }

  private async send(): Promise<void> {
    if (this.dialog.dataset.state !== 'form') return;
    const bad = this.channel === 'email' ? text.badEmail : text.badPhone;
    const value = this.control('#' + this.channel)!.value.trim();
    if (!(this.channel === 'email' ? /^\S+@\S+$/ : /\d/).test(value)) return this.say(bad);
    this.say();
    this.state = 'sending';
    const body = this.body(value);
    if (this.control('[name=push]:checked')) body.push = await subscribe(this.context.config);
    const outcome = await this.sender.capture(body, this.capture(body));
    if (outcome.result === 'captured') return this.finish('done', tick, text.done, format(text.doneText, h('bdi', {}, value)));
    if (outcome.result === 'later') return this.finish('queued', clock, text.queued, text.queuedText);
    this.state = 'form';
    this.refused((outcome as { errors: FieldError[] }).errors, bad);
  }

  private refused(errors: FieldError[], bad: string): void {
    const ours = errors.find((e) => e.field === this.channel);
    if (ours) this.say(bad, ours.suggest);
    else this.say(text.failed);
    this.note.classList.toggle('failed', !ours);
  }

  private body(value: string): Body {
    const { config } = this.context;
    const { item, channel } = this;
    const any = this.control('[name=any]')?.checked;
    const variant = this.control<HTMLSelectElement>('select[name=variant]')?.value ?? item.variant;
    const marketing = this.control('[name=marketing]');
    const offer = marketing ? ` [${marketing.checked ? 'x' : ' '}] ${text.marketing}` : '';
    return {
      source: config.source,
      ...(variant && !any ? { variant } : { product: item.product }),
      [channel]: value,
      region: channel === 'phone' ? this.control<HTMLSelectElement>('[name=region]')!.value : undefined,
      locale: (config.locale || document.documentElement.lang || LANGUAGE).slice(0, 35),
      market: item.market ?? config.market,
      quantity: Number(this.control('[name=quantity]')?.value) || undefined,
      page: location.href.split('#')[0]!.slice(0, maxPage),
      form: `widget ${config.version} ${LANGUAGE}`,
      consent: { marketing: !!marketing?.checked, text: text.request + offer },
      idempotency_key: this.key,
      website: this.control('[name=website]')!.value,
      elapsed_ms: Math.round(performance.now() - this.opened),
    };
  }

  private capture({ source, product, variant }: Body): RestockCapture {
    return { source: source ?? '', product: product ?? this.item.product, variant, channel: this.channel };
  }

  /** finish shows the end in the form's own box; the form is still there, unseen, and holds it open. */
  private finish(state: 'done' | 'queued', path: string, title: string, words: Node | string): void {
    const heading = h('h2', { tabindex: '-1' }, title);
    const button = h('button', { class: 'main', type: 'button' }, text.close);
    button.addEventListener('click', () => this.close());
    this.done.append(icon(path), heading, h('p', {}, words), button);
    this.dialog.dataset.state = state;
    this.status.textContent = '';
    heading.focus();
  }
}
