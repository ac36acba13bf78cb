import { cover, slot } from './cover';
import { Dialog } from './dialog';
import type { Item } from './item';
import type { Look } from './look';
import { makeSender } from './send';
import type { Context, Form } from './start';

/** form is what the loader imports, one file per language. There is one dialog on a page, whatever opens it. */
export function form(context: Context): Form {
  const sender = makeSender(context);
  let last: Look | undefined;
  let dialog: Dialog | undefined;

  const open = (item: Item, look: Look | undefined) => {
    dialog?.close();
    dialog = new Dialog(context, sender, item, look, () => (dialog = undefined));
    return true;
  };

  return {
    show(at, item) {
      const stand = at.localName === 'restock-notify' ? slot : cover;
      return stand(at, item, (current, look) => open(current, (last = look)));
    },
    open: (item) => open(item, last),
    close: () => dialog?.close(),
  };
}
