import { readConfig } from './config';
import { form } from './form';
import * as more from './more';
import { start } from './start';

/** Everything in one file that a page can pin by its hash: nothing is imported later, so nothing can be swapped. */
start(readConfig({}), async (context) => form(context), async () => more);
