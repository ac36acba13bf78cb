// Dansk. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Giv mig besked';
export const short = 'Giv besked';

export const title = 'Få besked, når den er tilbage';
export const soldOut = 'Udsolgt';
export const close = 'Luk';

export const channel = 'Hvordan får vi fat i dig?';
export const byEmail = 'E-mail';
export const byPhone = 'Sms';
export const email = 'E-mailadresse';
export const phone = 'Mobilnummer';
export const country = 'Land';

export const variant = 'Hvilken variant?';
export const any = 'Alle varianter er fine';
export const quantity = 'Hvor mange vil du have?';

export const request = 'Vi skriver én gang, når varen er på lager igen.';
export const marketing = 'Send mig også nyheder og tilbud';
export const push = 'Giv også besked på denne enhed';
export const privacy = 'Privatlivspolitik';

export const sending = 'Sender …';
export const done = 'Du er på listen';
export const doneText = 'Vi giver {0} besked, så snart varen er tilbage.';
export const queued = 'Gemt, ikke sendt endnu';
export const queuedText = 'Vi kan ikke nå butikken lige nu. Din anmodning bliver sendt inden for 24 timer.';

export const badEmail = 'Indtast en e-mailadresse som navn@example.com.';
export const badPhone = 'Indtast et gyldigt mobilnummer.';
export const suggest = 'Mente du {0}?';
export const failed = 'Det lykkedes ikke. Prøv igen senere.';
