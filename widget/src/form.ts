import { on } from './config';
import { stand } from './cover';
import { channels, openDialog, type Dialog } from './dialog';
import type { Look } from './look';
import type { Context, Form } from './start';

/** pause lets the browser do other things in between: short tasks instead of a long one. */
const pause = () => new Promise((resolve) => setTimeout(resolve));

/** form is what the loader imports, one file per language. There is one dialog on a page, whatever opens it. */
export function form(context: Context): Form {
  const { config } = context;
  const needsMore = channels(config).includes('phone') || config.pushKey || config.privacy || [config.marketing, config.any, config.quantity].some(on);
  let worn: Look = {};
  let dialog: Dialog | undefined;
  let opening: Promise<boolean> | undefined;

  const make: Form['open'] = async (item) => {
    await pause(); // a click that opens is answered first
    const more = needsMore || item.choices ? await context.more().catch(() => undefined) : undefined;
    dialog?.close();
    const made = openDialog(context, item, worn, more, () => {
      if (dialog === made) dialog = undefined; // the event comes late: the next one may stand there already
    });
    dialog = made;
    await pause();
    made.show();
    return true;
  };
  /** While one is about to open, a second click opens no other. */
  const open: Form['open'] = (item) => (opening ??= make(item).finally(() => (opening = undefined)));

  return {
    show: (at, item) =>
      stand(at, item, (current, look) => {
        worn = look;
        void open(current);
      }),
    open,
    close: () => dialog?.close(),
  };
}
