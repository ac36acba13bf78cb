/**
 * The service worker that shows what was pushed. The shop serves it from its own origin (browsers allow no other), at the
 * URL that the configuration calls pushWorker. A push carries JSON: {title, body, icon, url}.
 */
interface Message {
  title?: string;
  body?: string;
  icon?: string;
  url?: string;
}

interface PushEventLike extends Event {
  data: { json(): unknown } | null;
  waitUntil(work: Promise<unknown>): void;
}

interface ClickEventLike extends Event {
  notification: { close(): void; data: unknown };
  waitUntil(work: Promise<unknown>): void;
}

interface Scope {
  location: { origin: string };
  registration: { showNotification(title: string, options: object): Promise<void> };
  clients: { openWindow(url: string): Promise<unknown> };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: never) => void): void;
}

const scope = globalThis as unknown as Scope;

/** read never throws: browsers end a push right that shows nothing, so even an unreadable message is shown. */
function read(event: PushEventLike): Message {
  try {
    return (event.data?.json() ?? {}) as Message;
  } catch {
    return {};
  }
}

/** target is the page to open: http and https only, and the shop's own start page where the message names none. */
function target(url: unknown): string {
  try {
    const parsed = new URL(String(url ?? '/'), scope.location.origin);
    return /^https?:$/.test(parsed.protocol) ? parsed.href : scope.location.origin;
  } catch {
    return scope.location.origin;
  }
}

scope.addEventListener('install', () => void scope.skipWaiting());

scope.addEventListener('push', (event: PushEventLike) => {
  const { title, body, icon, url } = read(event);
  const shown = scope.registration.showNotification(title || scope.location.origin, { body, icon, tag: url, data: url });
  event.waitUntil(shown);
});

scope.addEventListener('notificationclick', (event: ClickEventLike) => {
  event.notification.close();
  event.waitUntil(scope.clients.openWindow(target(event.notification.data)));
});

export {};
