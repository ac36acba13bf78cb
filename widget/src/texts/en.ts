// English. Every language has these names; a placeholder {0} stands where it belongs in that language's sentence.

export const dir = 'ltr';

/** On the button; the short one where the theme's button is too narrow, and on the form's own button. */
export const cover = 'Notify me when available';
export const short = 'Notify me';

export const title = 'Get told when it’s back';
export const soldOut = 'Sold out';
export const close = 'Close';

export const channel = 'How should we reach you?';
export const byEmail = 'Email';
export const byPhone = 'Text message';
export const email = 'Email address';
export const phone = 'Mobile number';
export const country = 'Country';

export const variant = 'Which one?';
export const any = 'Any version will do';
export const quantity = 'How many would you like?';

/** What the shopper consents to by sending: kept as proof, as it was shown. */
export const request = 'We’ll message you once, when it’s back in stock.';
export const marketing = 'Also send me news and offers';
export const push = 'Also notify me on this device';
export const privacy = 'Privacy policy';

export const sending = 'Sending…';
export const done = 'You’re on the list';
export const doneText = 'We’ll let you know at {0} as soon as it’s back.';
export const queued = 'Saved, not sent yet';
export const queuedText = 'We can’t reach the shop right now. We’ll send your request within 24 hours.';

export const badEmail = 'Please enter an email address like name@example.com.';
export const badPhone = 'Please enter a valid mobile number.';
export const suggest = 'Did you mean {0}?';
export const failed = 'That didn’t work. Please try again later.';
