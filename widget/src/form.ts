import { on } from './config';
import { stand } from './cover';
import { channels, openDialog, type Dialog } from './dialog';
import type { Look } from './look';
import type { Context, Form } from './start';

/** form is what the loader imports, one file per language. There is one dialog on a page, whatever opens it. */
export function form(context: Context): Form {
  const { config } = context;
  const needsMore = channels(config).includes('phone') || on(config.any) || on(config.quantity) || config.pushKey;
  let worn: Look = {};
  let dialog: Dialog | undefined;

  const open: Form['open'] = async (item) => {
    const more = needsMore || item.choices ? await context.more().catch(() => undefined) : undefined;
    dialog?.close();
    dialog = openDialog(context, item, worn, more, () => (dialog = undefined));
    return true;
  };

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
