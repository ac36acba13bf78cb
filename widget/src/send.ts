import type { Context } from './start';
import type { RestockCapture } from './restock';

/** A capture as it is posted: see edge/parse.go. */
export interface Body {
  source?: string;
  variant?: string;
  product?: string;
  email?: string;
  phone?: string;
  push?: Push;
  region?: string;
  locale?: string;
  market?: string;
  quantity?: number;
  page?: string;
  form?: string;
  consent?: { marketing: boolean; text: string };
  idempotency_key: string;
  website?: string;
  elapsed_ms?: number;
}

export interface Push {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** One field that the edge refused. */
export interface FieldError {
  field: string;
  message: string;
  suggest?: string;
}

/** What became of a capture: taken; to be tried again; refused, perhaps for fields that can be mended. */
export type Outcome = { result: 'captured' | 'later' } | { result: 'refused'; errors: FieldError[] };

/** What waits in this browser, each under a key of its own: two tabs never write the same one. */
interface Waiting {
  at: number;
  body: string;
  capture: RestockCapture;
}

const prefix = 'restock:';
const maxWaiting = 5; // captures
const maxAge = 24 * 3600e3; // milliseconds
const timeout = 20e3; // milliseconds
const slowest = 600e3; // milliseconds between two tries, at most

// Taken when we are loaded: pages replace these later, and not always well.
const { fetch: post, setTimeout: later, JSON: json, localStorage: store } = safely(window);

/** safely reads what may be forbidden: storage throws where cookies are blocked. */
function safely(w: Window & typeof globalThis) {
  let localStorage: Storage | undefined;
  try {
    localStorage = w.localStorage;
  } catch {
    // nothing can wait here: what cannot be sent at once is refused
  }
  return { fetch: w.fetch.bind(w), setTimeout: w.setTimeout.bind(w), JSON: { parse: w.JSON.parse, stringify: w.JSON.stringify }, localStorage };
}

/**
 * text is the capture as JSON. Without a prototype its objects inherit no toJSON, which old libraries give to every object.
 */
export const encode = ({ consent, push, ...rest }: Body): string => {
  const plain = (o: object | undefined) => o && { __proto__: null, ...o };
  return json.stringify({ __proto__: null, ...rest, push: plain(push), consent: plain(consent) });
};

/** One request: text/plain is asked about by no preflight, and keepalive outlives the page. */
async function send(url: string, body: string): Promise<Outcome> {
  const abort = new AbortController();
  const timer = later(() => abort.abort(), timeout);
  try {
    const answer = await post(url, { method: 'POST', body, keepalive: true, credentials: 'omit', signal: abort.signal });
    if (answer.ok) return { result: 'captured' };
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return { result: 'later' };
    const problem = (await answer.json().catch(() => ({}))) as { errors?: FieldError[] };
    return { result: 'refused', errors: problem.errors ?? [] };
  } catch {
    return { result: 'later' };
  } finally {
    clearTimeout(timer);
  }
}

export interface Sender {
  /** Sends a capture, or keeps it to be sent later; refused when there is no room to keep it. */
  capture(body: Body, capture: RestockCapture): Promise<Outcome>;
}

/** makeSender also sends what waits from earlier pages, now and whenever the network comes back. */
export function makeSender({ config, emit }: Context): Sender {
  const url = config.base + '/v1/captures';
  let delay = 5e3; // milliseconds
  let timer: number | undefined;

  const again = () => {
    clearTimeout(timer);
    timer = later(flush, delay * (0.75 + Math.random() / 2)); // spread: a whole shop's browsers come back at once
    delay = Math.min(delay * 3, slowest);
  };

  /** sendWaiting stops at the first that must wait longer. */
  const sendWaiting = async () => {
    for (const key of waiting()) {
      const entry = read(key);
      if (!entry || Date.now() - entry.at > maxAge) {
        store!.removeItem(key);
        continue;
      }
      const { result } = await send(url, entry.body);
      if (result === 'later') return again();
      store!.removeItem(key);
      emit(result === 'captured' ? 'captured' : 'failed', entry.capture);
    }
    delay = 5e3;
  };

  // One tab sends; the edge merges what is sent twice all the same, by the idempotency key.
  const flush = async () => {
    if (!waiting().length) return;
    if (!navigator.locks) return sendWaiting(); // no secure context
    await navigator.locks.request('restock', { ifAvailable: true }, (lock) => (lock ? sendWaiting() : again()));
  };

  const keep = (body: string, key: string, capture: RestockCapture): boolean => {
    if (waiting().length >= maxWaiting) return false;
    try {
      store!.setItem(prefix + key, json.stringify({ __proto__: null, at: Date.now(), body, capture: { __proto__: null, ...capture } }));
      return true;
    } catch {
      return false; // no storage, or it is full
    }
  };

  window.addEventListener('online', () => void flush());
  void flush();

  return {
    async capture(body, capture) {
      const text = encode(body);
      const key = body.idempotency_key;
      // The page may be left before there is an answer; the request goes on, but nobody would see that it failed.
      const leave = () => void keep(text, key, capture);
      window.addEventListener('pagehide', leave);
      const outcome = await send(url, text);
      window.removeEventListener('pagehide', leave);
      if (outcome.result !== 'later') {
        store?.removeItem(prefix + key);
        emit(outcome.result === 'captured' ? 'captured' : 'failed', capture);
        return outcome;
      }
      if (!keep(text, key, capture)) {
        emit('failed', capture);
        return { result: 'refused', errors: [] };
      }
      emit('queued', capture);
      again();
      return outcome;
    },
  };
}

const waiting = (): string[] => Object.keys(store ?? {}).filter((key) => key.startsWith(prefix));

function read(key: string): Waiting | undefined {
  try {
    return json.parse(store!.getItem(key)!) as Waiting;
  } catch {
    return undefined; // not ours, or of another build: it is removed
  }
}
