import type { Config } from './config';
import type { Push } from './send';

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** offersPush: the shop's own origin serves the worker, browsers register it from no other, and nobody has said no before. */
export const offersPush = ({ pushKey, pushWorker }: Config): boolean =>
  !!pushKey && !!pushWorker && new URL(pushWorker, location.href).origin === location.origin && 'PushManager' in window && Notification.permission !== 'denied';

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
 * subscribe asks the shopper, and then the browser's push service. Undefined where either refuses: the capture goes on
 * without. It is called by a click, or browsers do not ask.
 */
export async function subscribe({ pushKey, pushWorker }: Config): Promise<Push | undefined> {
  try {
    if ((await Notification.requestPermission()) !== 'granted') return undefined;
    registered ??= navigator.serviceWorker.register(trusted(new URL(pushWorker!, location.href).href));
    const registration = await registered;
    await active(registration);
    const right = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: pushKey });
    const { endpoint, keys } = right.toJSON();
    return { endpoint: endpoint!, p256dh: keys!.p256dh!, auth: keys!.auth! };
  } catch {
    registered = undefined;
    return undefined;
  }
}
