// Svenska. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Meddela mig när den finns';
export const short = 'Meddela mig';

export const title = 'Få besked när den är tillbaka';
export const soldOut = 'Slutsåld';
export const close = 'Stäng';

export const channel = 'Hur når vi dig?';
export const byEmail = 'E-post';
export const byPhone = 'Sms';
export const email = 'E-postadress';
export const phone = 'Mobilnummer';
export const country = 'Land';

export const variant = 'Vilken variant?';
export const any = 'Vilken variant som helst går bra';
export const quantity = 'Hur många vill du ha?';

export const request = 'Vi hör av oss en gång, när varan finns i lager igen.';
export const marketing = 'Skicka även nyheter och erbjudanden';
export const push = 'Meddela mig även på den här enheten';
export const privacy = 'Integritetspolicy';

export const sending = 'Skickar …';
export const done = 'Du står på listan';
export const doneText = 'Vi meddelar {0} så snart varan är tillbaka.';
export const queued = 'Sparat, inte skickat än';
export const queuedText = 'Vi når inte butiken just nu. Din förfrågan skickas inom 24 timmar.';

export const badEmail = 'Ange en e-postadress, till exempel namn@example.com.';
export const badPhone = 'Ange ett giltigt mobilnummer.';
export const suggest = 'Menade du {0}?';
export const failed = 'Det gick inte. Försök igen senare.';
