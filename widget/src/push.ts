import type { Config } from './config';
import type { Push } from './send';

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The shop serves worker.js on its own origin: browsers register a service worker from no other. */
const worker = (config: Config): URL | undefined => {
  if (!config.pushKey || !config.pushWorker) return undefined;
  const url = new URL(config.pushWorker, location.href);
  return url.origin === location.origin ? url : undefined;
};

/** offered says whether this browser could be told by Web Push, and has not said no before. */
export const offered = (config: Config): boolean =>
  !!worker(config) && 'PushManager' in window && 'serviceWorker' in navigator && Notification.permission !== 'denied';

/** Where Trusted Types are required, a worker's URL must come from a policy; its name is restock. */
function trusted(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: Policies };
  return trustedTypes ? trustedTypes.createPolicy('restock', { createScriptURL: (u) => u }).createScriptURL(url) : url;
}

/** active waits until the worker runs: only then can it be subscribed. */
const active = (registration: ServiceWorkerRegistration): Promise<unknown> =>
  new Promise((resolve) => {
    const coming = registration.installing ?? registration.waiting;
    if (registration.active || !coming) return resolve(0);
    coming.addEventListener('statechange', () => coming.state === 'activated' && resolve(0));
  });

let registered: Promise<ServiceWorkerRegistration> | undefined;

/**
 * subscribe asks the shopper and the browser's push service. Undefined where either refuses: the capture goes on without. It
 * must be called from a click, or browsers do not ask.
 */
export async function subscribe(config: Config): Promise<Push | undefined> {
  try {
    if ((await Notification.requestPermission()) !== 'granted') return undefined;
    registered ??= navigator.serviceWorker.register(trusted(worker(config)!.href));
    const registration = await registered;
    await active(registration);
    const right = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: config.pushKey });
    const { endpoint, keys } = right.toJSON();
    return { endpoint: endpoint!, p256dh: keys!.p256dh!, auth: keys!.auth! };
  } catch {
    registered = undefined;
    return undefined;
  }
}
