import type { Config } from './config';
import type { RestockCapture, RestockEvents } from './restock';

/** A capture as it is posted: see edge/parse.go. */
export interface Body {
  source?: string;
  variant?: string;
  product?: string;
  email?: string;
  /** The shopper was asked about this very address, and means it. */
  email_as_typed?: boolean;
  phone?: string;
  push?: Push;
  region?: string;
  locale?: string;
  market?: string;
  quantity?: number;
  page?: string;
  form?: string;
  consent: { marketing: boolean; text: string };
  idempotency_key: string;
  website?: string;
  elapsed_ms?: number;
}

export interface Push {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** One field that the edge refused (RFC 9457, core.FieldError). */
export interface FieldError {
  field: string;
  suggest?: string;
}

/** What became of a capture: taken; kept, to be tried again; refused, perhaps for fields that can be mended. */
export type Outcome = 'captured' | 'queued' | FieldError[];

export type Send = (body: Body, capture: RestockCapture) => Promise<Outcome>;

/** emit tells the page: Restock.on listens to the same. */
export const emit = <K extends keyof RestockEvents>(name: K, detail: RestockEvents[K]): void =>
  void document.dispatchEvent(new CustomEvent('restock:' + name, { detail }));

// Taken when we are loaded: pages replace these later, and not always well.
const { fetch, setTimeout } = window;

const prefix = 'restock:';
const maxWaiting = 5; // captures
const maxAge = 864e5; // milliseconds: 24 hours
const timeout = 2e4; // milliseconds
const slowest = 6e5; // milliseconds between two tries, at most

/** plain is the object without a prototype: it inherits no toJSON, which old libraries give to every object. */
const plain = (o: object | undefined) => o && { __proto__: null, ...o };

/** post is one request: text/plain is asked about by no preflight, and keepalive outlives the page. */
async function post(url: string, body: string): Promise<Outcome> {
  try {
    const answer = await fetch(url, { method: 'POST', body, keepalive: true, credentials: 'omit', signal: AbortSignal.timeout(timeout) });
    if (answer.ok) return 'captured';
    if (answer.status > 428) return 'queued'; // too many (429), or its own trouble (5xx); an edge answers nothing in between
    // A page of HTML, from a firewall or because nobody is there, is a refusal as well.
    return ((await answer.json().catch(() => 0)) as { errors?: FieldError[] }).errors ?? [];
  } catch {
    return 'queued';
  }
}

/**
 * makeSend returns what sends a capture, or keeps it in this browser to be sent later. It also sends what waits from earlier
 * pages: now, and when the network comes back. What waits has a key of its own each: two tabs never write the same one.
 */
export function makeSend(config: Config): Send {
  const url = config.base + '/v1/captures';
  const { stringify, parse } = JSON;
  let delay = 5e3; // milliseconds
  let timer: number | undefined;
  let store: Partial<Storage> = {};

  const waiting = () => Object.keys(store).filter((key) => key.startsWith(prefix));

  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(flush, delay * (1 + Math.random())); // spread: a whole shop's browsers come back at once
    delay = Math.min(delay * 3, slowest);
  };

  /** sendWaiting stops at the first that must wait longer. */
  const sendWaiting = async () => {
    for (const key of waiting()) {
      try {
        const { at, body, capture } = parse(store.getItem!(key)!) as { at: number; body: string; capture: RestockCapture };
        if (body && Date.now() - at < maxAge) {
          const outcome = await post(url, body);
          if (outcome === 'queued') return again();
          emit(outcome === 'captured' ? outcome : 'failed', capture);
        }
      } catch {
        // of another build: it goes
      }
      store.removeItem!(key);
    }
    delay = 5e3;
  };

  // One tab sends; the edge merges what is sent twice all the same, by the idempotency key. Without https there are no locks,
  // and nothing that waits is sent before the next capture.
  const flush = () => {
    if (!waiting().length) return;
    void navigator.locks?.request('restock', { ifAvailable: true }, (lock) => (lock ? sendWaiting() : again()));
  };

  addEventListener('online', flush);
  // In a task of its own: a page's first look into its storage takes the browser a while.
  setTimeout(() => {
    try {
      store = localStorage;
    } catch {
      // forbidden: what cannot be sent at once is refused
    }
    flush();
  });

  return async (body, capture) => {
    const key = prefix + body.idempotency_key;
    const text = stringify(plain({ ...body, push: plain(body.push), consent: plain(body.consent) }));
    const keep = () => {
      if (waiting().length >= maxWaiting) return false;
      try {
        store.setItem!(key, stringify(plain({ at: Date.now(), body: text, capture: plain(capture) })));
        return true;
      } catch {
        return false; // no storage, or it is full
      }
    };
    // The page may be left before there is an answer; the request goes on, but nobody would see that it failed.
    addEventListener('pagehide', keep);
    let outcome = await post(url, text);
    removeEventListener('pagehide', keep);
    if (outcome === 'queued') {
      if (keep()) again();
      else outcome = [];
    } else store.removeItem?.(key);
    if (typeof outcome === 'string') emit(outcome, capture); // whether a refusal can be mended, the form knows
    return outcome;
  };
}
