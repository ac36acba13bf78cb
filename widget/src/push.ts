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

const patience = 2e4; // milliseconds that a capture waits for the right to push

let url: string | undefined; // of the worker: a policy of Trusted Types is made once

/** ask asks the shopper, registers the worker, and asks the browser's push service. */
async function ask({ pushKey, pushWorker }: Config): Promise<Push | undefined> {
  if ((await Notification.requestPermission()) !== 'granted') return undefined;
  url ??= trusted(new URL(pushWorker!, location.href).href);
  // Its scope is its own file: at a wider one it would take the place of the shop's own worker.
  const registration = await navigator.serviceWorker.register(url, { scope: url });
  await active(registration);
  const right = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: pushKey });
  const { endpoint, keys } = right.toJSON();
  return { endpoint: endpoint!, p256dh: keys!.p256dh!, auth: keys!.auth! };
}

/**
 * subscribe gets the right to push to this browser. Undefined where shopper, browser or push service refuse, or do not answer
 * (a question may be left open for ever, a worker may not start): the capture goes on without. It is called by a click, or
 * browsers do not ask.
 */
export const subscribe = (config: Config): Promise<Push | undefined> =>
  Promise.race([ask(config).catch(() => undefined), new Promise<undefined>((resolve) => setTimeout(resolve, patience))]);
