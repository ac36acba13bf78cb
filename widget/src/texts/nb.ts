// Norsk bokmål. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Si fra når den er tilbake';
export const short = 'Si fra';

export const title = 'Få beskjed når den er tilbake';
export const soldOut = 'Utsolgt';
export const close = 'Lukk';

export const channel = 'Hvordan når vi deg?';
export const byEmail = 'E-post';
export const byPhone = 'SMS';
export const email = 'E-postadresse';
export const phone = 'Mobilnummer';
export const country = 'Land';

export const variant = 'Hvilken variant?';
export const any = 'Hvilken som helst variant er fin';
export const quantity = 'Hvor mange vil du ha?';

export const request = 'Vi skriver én gang, når varen er på lager igjen.';
export const marketing = 'Send meg også nyheter og tilbud';
export const push = 'Varsle også på denne enheten';
export const privacy = 'Personvernerklæring';

export const sending = 'Sender …';
export const done = 'Du står på listen';
export const doneText = 'Vi sier fra til {0} så snart varen er tilbake.';
export const queued = 'Lagret, ikke sendt ennå';
export const queuedText = 'Vi får ikke kontakt med butikken akkurat nå. Forespørselen blir sendt innen 24 timer.';

export const badEmail = 'Skriv inn en e-postadresse som navn@example.com.';
export const badPhone = 'Skriv inn et gyldig mobilnummer.';
export const suggest = 'Mente du {0}?';
export const failed = 'Det gikk ikke. Prøv igjen senere.';
